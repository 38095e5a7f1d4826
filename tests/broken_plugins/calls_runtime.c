/* SPDX-License-Identifier: Apache-2.0
 *
 * A library that brings another C++ runtime along.
 */
int private_number(void);
int runtime_number(void);

int private_number(void) { return runtime_number(); }
