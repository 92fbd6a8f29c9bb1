// switch for aarch64, AAPCS64: x19-x28, fp, lr and d8-d15 are the callee's to save.
    .text
    .globl stack_switch
    .type  stack_switch, %function
    .p2align 4
stack_switch:                       // x0 = void **save, x1 = void *to
    .cfi_startproc
    hint  #34                       // bti c
    sub   sp, sp, #160
    .cfi_adjust_cfa_offset 160
    stp   x29, x30, [sp, #0]
    .cfi_rel_offset x29, 0
    .cfi_rel_offset x30, 8
    stp   x19, x20, [sp, #16]
    .cfi_rel_offset x19, 16
    .cfi_rel_offset x20, 24
    stp   x21, x22, [sp, #32]
    .cfi_rel_offset x21, 32
    .cfi_rel_offset x22, 40
    stp   x23, x24, [sp, #48]
    .cfi_rel_offset x23, 48
    .cfi_rel_offset x24, 56
    stp   x25, x26, [sp, #64]
    .cfi_rel_offset x25, 64
    .cfi_rel_offset x26, 72
    stp   x27, x28, [sp, #80]
    .cfi_rel_offset x27, 80
    .cfi_rel_offset x28, 88
    stp   d8, d9, [sp, #96]
    stp   d10, d11, [sp, #112]
    stp   d12, d13, [sp, #128]
    stp   d14, d15, [sp, #144]
    mov   x29, sp
    mov   x9, sp
    str   x9, [x0]
    mov   sp, x1
    ldp   d14, d15, [sp, #144]
    ldp   d12, d13, [sp, #128]
    ldp   d10, d11, [sp, #112]
    ldp   d8, d9, [sp, #96]
    ldp   x27, x28, [sp, #80]
    ldp   x25, x26, [sp, #64]
    ldp   x23, x24, [sp, #48]
    ldp   x21, x22, [sp, #32]
    ldp   x19, x20, [sp, #16]
    ldp   x29, x30, [sp, #0]
    add   sp, sp, #160
    .cfi_adjust_cfa_offset -160
    ret
    .cfi_endproc
    .size stack_switch, .-stack_switch

// x19 carries entry, x20 its argument; fp 0 and an undefined lr end every walk.
    .globl stack_prepare
    .type  stack_prepare, %function
    .p2align 4
stack_prepare:                      // x0 = top, x1 = entry, x2 = arg
    .cfi_startproc
    hint  #34
    sub   x3, x0, #160
    adr   x4, stack_start
    stp   xzr, x4, [x3, #0]
    stp   x1, x2, [x3, #16]
    stp   xzr, xzr, [x3, #32]
    stp   xzr, xzr, [x3, #48]
    stp   xzr, xzr, [x3, #64]
    stp   xzr, xzr, [x3, #80]
    stp   xzr, xzr, [x3, #96]
    stp   xzr, xzr, [x3, #112]
    stp   xzr, xzr, [x3, #128]
    stp   xzr, xzr, [x3, #144]
    mov   x0, x3
    ret
    .cfi_endproc
    .size stack_prepare, .-stack_prepare

    .type  stack_start, %function
    .p2align 4
stack_start:
    .cfi_startproc
    .cfi_undefined x30
    mov   x29, xzr
    mov   x0, x20
    blr   x19
    brk   #1
    .cfi_endproc
    .size stack_start, .-stack_start

    .section .note.GNU-stack, "", %progbits
