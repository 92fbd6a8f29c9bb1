// switch: from one stack to another. The whole machine-dependent part of the core.
#pragma once

// Saves the callee-saved registers on the current stack and its pointer in *save, then goes on
// with the stack `to`. Returns when somebody switches back to *save.
void stack_switch(void **save, void *to);

// Prepares a stack whose highest usable address is `top` (16-aligned) so that the first switch
// to the returned pointer calls entry(arg). entry must not return.
void *stack_prepare(void *top, void (*entry)(void *), void *arg);
