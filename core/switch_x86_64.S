// switch for x86-64, System V. The MXCSR and x87 control words are not saved: no task of ours
// changes them, and saving costs more than the rest. `ret` (not `jmp`) keeps the return predictor
// balanced for tasks that park at the same place again and again.
#include <cet.h>

    .text
    .globl stack_switch
    .type  stack_switch, @function
    .p2align 4
stack_switch:                       // rdi = void **save, rsi = void *to
    .cfi_startproc
    _CET_ENDBR
    pushq %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
    movq  %rsp, %rbp                // a frame that debuggers and profilers can walk
    pushq %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbx, 0
    pushq %r12
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r12, 0
    pushq %r13
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r13, 0
    pushq %r14
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r14, 0
    pushq %r15
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r15, 0
    movq  %rsp, (%rdi)
    movq  %rsi, %rsp
    popq  %r15
    .cfi_adjust_cfa_offset -8
    popq  %r14
    .cfi_adjust_cfa_offset -8
    popq  %r13
    .cfi_adjust_cfa_offset -8
    popq  %r12
    .cfi_adjust_cfa_offset -8
    popq  %rbx
    .cfi_adjust_cfa_offset -8
    popq  %rbp
    .cfi_adjust_cfa_offset -8
    ret
    .cfi_endproc
    .size stack_switch, .-stack_switch

// What stack_prepare lays out, lowest first: r15 r14 r13 r12 rbx rbp, then the address of
// stack_start. r12 carries entry, r13 its argument. rbp 0 and an undefined rip end every walk.
    .globl stack_prepare
    .type  stack_prepare, @function
    .p2align 4
stack_prepare:                      // rdi = top, rsi = entry, rdx = arg
    .cfi_startproc
    _CET_ENDBR
    leaq  stack_start(%rip), %rax
    leaq  -80(%rdi), %rcx
    movq  $0, 0(%rcx)               // r15
    movq  $0, 8(%rcx)               // r14
    movq  %rdx, 16(%rcx)            // r13 = arg
    movq  %rsi, 24(%rcx)            // r12 = entry
    movq  $0, 32(%rcx)              // rbx
    movq  $0, 40(%rcx)              // rbp
    movq  %rax, 48(%rcx)            // return address
    movq  $0, 56(%rcx)
    movq  $0, 64(%rcx)
    movq  $0, 72(%rcx)
    movq  %rcx, %rax
    ret
    .cfi_endproc
    .size stack_prepare, .-stack_prepare

    .type  stack_start, @function
    .p2align 4
stack_start:                        // rsp = top - 24, so the call below leaves it 16-aligned + 8
    .cfi_startproc
    .cfi_undefined %rip
    movq  %r13, %rdi
    xorl  %ebp, %ebp
    subq  $8, %rsp
    callq *%r12
    ud2
    .cfi_endproc
    .size stack_start, .-stack_start

    .section .note.GNU-stack, "", @progbits
