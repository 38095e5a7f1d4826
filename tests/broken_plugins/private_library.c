/* SPDX-License-Identifier: Apache-2.0
 *
 * The library that private_needed needs.
 */
int private_number(void);

int private_number(void) { return 42; }
