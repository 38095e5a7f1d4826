/* SPDX-License-Identifier: Apache-2.0
 *
 * Stands for LLVM's C++ runtime, by the name that it is built with: no code of it is needed to be refused.
 */
int private_number(void);
int runtime_number(void);

int runtime_number(void) { return 42; }
int private_number(void) { return runtime_number(); }
