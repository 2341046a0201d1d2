/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Numbers of system calls on each machine, and what is done at the end of each. */
#pragma once

#include "files.bpf.h"
#include "system-calls.bpf.h"

/* What is done at the end of a system call: the low byte says how its arguments name the file, the next what it did. */
enum {
  OPENS = 1,
  ACCEPTS,
  CONNECTS,
  BY_FD, /* fd */
  BY_PATH, /* path */
  BY_PATH_AT, /* folder, path */
  BY_TWO, /* path, path */
  BY_TWO_AT, /* folder, path, folder, path */
  BY_SECOND, /* target, path */
  BY_SECOND_AT, /* target, folder, path */
  BY_FOURTH_AT, /* folder, path, folder, path: only what is made counts */
  BY_FOURTH, /* path, path: only what is made counts */
  SENDS_TO,
  SENDS_MESSAGE,
  SENDS_MESSAGES,
  BINDS,
  MAKES_SOCKET,
};
#define CALL(how, operation) ((how) | (operation) << 8)
#define HOW(call) ((call) & 255)
#define OPERATION(call) ((call) >> 8 & 127)
/* Told when it failed, too: the attempt itself is telling. */
#define FAILED_TOO 0x8000

#define CALLS 512

static const u16 x86_64_calls[CALLS] = {
    [2] = OPENS, /* open */
    [85] = OPENS, /* creat */
    [257] = OPENS, /* openat */
    [437] = OPENS, /* openat2 */
    [304] = OPENS, /* open_by_handle_at */
    [43] = ACCEPTS, /* accept */
    [288] = ACCEPTS, /* accept4 */
    [42] = CONNECTS | FAILED_TOO, /* connect */
    [44] = SENDS_TO,
    [46] = SENDS_MESSAGE,
    [307] = SENDS_MESSAGES,
    [49] = BINDS,
    [41] = MAKES_SOCKET | FAILED_TOO,
    [76] = CALL(BY_PATH, WRITE), /* truncate */
    [77] = CALL(BY_FD, WRITE), /* ftruncate */
    [82] = CALL(BY_TWO, RENAME), /* rename */
    [264] = CALL(BY_TWO_AT, RENAME), /* renameat */
    [316] = CALL(BY_TWO_AT, RENAME), /* renameat2 */
    [84] = CALL(BY_PATH, DELETE), /* rmdir */
    [87] = CALL(BY_PATH, DELETE), /* unlink */
    [263] = CALL(BY_PATH_AT, DELETE), /* unlinkat */
    [83] = CALL(BY_PATH, CREATE), /* mkdir */
    [258] = CALL(BY_PATH_AT, CREATE), /* mkdirat */
    [133] = CALL(BY_PATH, CREATE), /* mknod */
    [259] = CALL(BY_PATH_AT, CREATE), /* mknodat */
    [86] = CALL(BY_FOURTH, CREATE), /* link */
    [265] = CALL(BY_FOURTH_AT, CREATE), /* linkat */
    [88] = CALL(BY_SECOND, CREATE), /* symlink */
    [266] = CALL(BY_SECOND_AT, CREATE), /* symlinkat */
    [90] = CALL(BY_PATH, ATTRIBUTES), /* chmod */
    [91] = CALL(BY_FD, ATTRIBUTES), /* fchmod */
    [268] = CALL(BY_PATH_AT, ATTRIBUTES), /* fchmodat */
    [452] = CALL(BY_PATH_AT, ATTRIBUTES), /* fchmodat2 */
    [92] = CALL(BY_PATH, ATTRIBUTES), /* chown */
    [93] = CALL(BY_FD, ATTRIBUTES), /* fchown */
    [94] = CALL(BY_PATH, ATTRIBUTES), /* lchown */
    [260] = CALL(BY_PATH_AT, ATTRIBUTES), /* fchownat */
    [188] = CALL(BY_PATH, ATTRIBUTES), /* setxattr */
    [189] = CALL(BY_PATH, ATTRIBUTES), /* lsetxattr */
    [190] = CALL(BY_FD, ATTRIBUTES), /* fsetxattr */
    [197] = CALL(BY_PATH, ATTRIBUTES), /* removexattr */
    [198] = CALL(BY_PATH, ATTRIBUTES), /* lremovexattr */
    [199] = CALL(BY_FD, ATTRIBUTES), /* fremovexattr */
    [463] = CALL(BY_PATH_AT, ATTRIBUTES), /* setxattrat */
    [466] = CALL(BY_PATH_AT, ATTRIBUTES), /* removexattrat */
    [132] = CALL(BY_PATH, ATTRIBUTES), /* utime */
    [235] = CALL(BY_PATH, ATTRIBUTES), /* utimes */
    [261] = CALL(BY_PATH_AT, ATTRIBUTES), /* futimesat */
    [280] = CALL(BY_PATH_AT, ATTRIBUTES), /* utimensat */
    [101] = PTRACE | FAILED_TOO,
    [310] = PROCESS_VM_READV | FAILED_TOO,
    [311] = PROCESS_VM_WRITEV | FAILED_TOO,
    [105] = SETUID,
    [113] = SETREUID,
    [117] = SETRESUID,
    [122] = SETFSUID,
    [106] = SETGID,
    [114] = SETREGID,
    [119] = SETRESGID,
    [123] = SETFSGID,
    [126] = CAPSET,
    [248] = ADD_KEY,
    [249] = REQUEST_KEY,
    [250] = KEYCTL,
    [9] = MMAP,
    [10] = MPROTECT,
    [329] = PKEY_MPROTECT,
    [319] = MEMFD_CREATE,
    [447] = MEMFD_SECRET,
    [323] = USERFAULTFD | FAILED_TOO,
    [175] = INIT_MODULE | FAILED_TOO,
    [313] = FINIT_MODULE | FAILED_TOO,
    [176] = DELETE_MODULE | FAILED_TOO,
    [246] = KEXEC_LOAD | FAILED_TOO,
    [320] = KEXEC_FILE_LOAD | FAILED_TOO,
    [321] = BPF_CALL | FAILED_TOO,
    [298] = PERF_EVENT_OPEN | FAILED_TOO,
    [165] = MOUNT_CALL | FAILED_TOO,
    [166] = UMOUNT | FAILED_TOO,
    [155] = PIVOT_ROOT | FAILED_TOO,
    [161] = CHROOT | FAILED_TOO,
    [428] = OPEN_TREE | FAILED_TOO,
    [429] = MOVE_MOUNT | FAILED_TOO,
    [430] = FSOPEN | FAILED_TOO,
    [432] = FSMOUNT | FAILED_TOO,
    [442] = MOUNT_SETATTR | FAILED_TOO,
    [308] = SETNS | FAILED_TOO,
    [272] = UNSHARE | FAILED_TOO,
    [56] = CLONE | FAILED_TOO,
    [435] = CLONE3 | FAILED_TOO,
    [425] = IO_URING_SETUP | FAILED_TOO,
};

/* 32-bit programs on x86-64. */
static const u16 i386_calls[CALLS] = {
    [5] = OPENS,
    [8] = OPENS,
    [295] = OPENS,
    [437] = OPENS,
    [342] = OPENS,
    [364] = ACCEPTS,
    [362] = CONNECTS | FAILED_TOO,
    [369] = SENDS_TO,
    [361] = BINDS,
    [359] = MAKES_SOCKET | FAILED_TOO,
    [92] = CALL(BY_PATH, WRITE),
    [193] = CALL(BY_PATH, WRITE),
    [93] = CALL(BY_FD, WRITE),
    [194] = CALL(BY_FD, WRITE),
    [38] = CALL(BY_TWO, RENAME),
    [302] = CALL(BY_TWO_AT, RENAME),
    [353] = CALL(BY_TWO_AT, RENAME),
    [40] = CALL(BY_PATH, DELETE),
    [10] = CALL(BY_PATH, DELETE),
    [301] = CALL(BY_PATH_AT, DELETE),
    [39] = CALL(BY_PATH, CREATE),
    [296] = CALL(BY_PATH_AT, CREATE),
    [14] = CALL(BY_PATH, CREATE),
    [297] = CALL(BY_PATH_AT, CREATE),
    [9] = CALL(BY_FOURTH, CREATE),
    [303] = CALL(BY_FOURTH_AT, CREATE),
    [83] = CALL(BY_SECOND, CREATE),
    [304] = CALL(BY_SECOND_AT, CREATE),
    [15] = CALL(BY_PATH, ATTRIBUTES),
    [94] = CALL(BY_FD, ATTRIBUTES),
    [306] = CALL(BY_PATH_AT, ATTRIBUTES),
    [452] = CALL(BY_PATH_AT, ATTRIBUTES),
    [182] = CALL(BY_PATH, ATTRIBUTES),
    [212] = CALL(BY_PATH, ATTRIBUTES),
    [95] = CALL(BY_FD, ATTRIBUTES),
    [207] = CALL(BY_FD, ATTRIBUTES),
    [16] = CALL(BY_PATH, ATTRIBUTES),
    [198] = CALL(BY_PATH, ATTRIBUTES),
    [298] = CALL(BY_PATH_AT, ATTRIBUTES),
    [226] = CALL(BY_PATH, ATTRIBUTES),
    [227] = CALL(BY_PATH, ATTRIBUTES),
    [228] = CALL(BY_FD, ATTRIBUTES),
    [235] = CALL(BY_PATH, ATTRIBUTES),
    [236] = CALL(BY_PATH, ATTRIBUTES),
    [237] = CALL(BY_FD, ATTRIBUTES),
    [463] = CALL(BY_PATH_AT, ATTRIBUTES),
    [466] = CALL(BY_PATH_AT, ATTRIBUTES),
    [30] = CALL(BY_PATH, ATTRIBUTES),
    [271] = CALL(BY_PATH, ATTRIBUTES),
    [299] = CALL(BY_PATH_AT, ATTRIBUTES),
    [320] = CALL(BY_PATH_AT, ATTRIBUTES),
    [412] = CALL(BY_PATH_AT, ATTRIBUTES),
    [26] = PTRACE | FAILED_TOO,
    [347] = PROCESS_VM_READV | FAILED_TOO,
    [348] = PROCESS_VM_WRITEV | FAILED_TOO,
    [23] = SETUID,
    [213] = SETUID,
    [70] = SETREUID,
    [203] = SETREUID,
    [164] = SETRESUID,
    [208] = SETRESUID,
    [138] = SETFSUID,
    [215] = SETFSUID,
    [46] = SETGID,
    [214] = SETGID,
    [71] = SETREGID,
    [204] = SETREGID,
    [170] = SETRESGID,
    [210] = SETRESGID,
    [139] = SETFSGID,
    [216] = SETFSGID,
    [185] = CAPSET,
    [286] = ADD_KEY,
    [287] = REQUEST_KEY,
    [288] = KEYCTL,
    [192] = MMAP,
    [125] = MPROTECT,
    [380] = PKEY_MPROTECT,
    [356] = MEMFD_CREATE,
    [447] = MEMFD_SECRET,
    [374] = USERFAULTFD | FAILED_TOO,
    [128] = INIT_MODULE | FAILED_TOO,
    [350] = FINIT_MODULE | FAILED_TOO,
    [129] = DELETE_MODULE | FAILED_TOO,
    [283] = KEXEC_LOAD | FAILED_TOO,
    [357] = BPF_CALL | FAILED_TOO,
    [336] = PERF_EVENT_OPEN | FAILED_TOO,
    [21] = MOUNT_CALL | FAILED_TOO,
    [52] = UMOUNT | FAILED_TOO,
    [217] = PIVOT_ROOT | FAILED_TOO,
    [61] = CHROOT | FAILED_TOO,
    [428] = OPEN_TREE | FAILED_TOO,
    [429] = MOVE_MOUNT | FAILED_TOO,
    [430] = FSOPEN | FAILED_TOO,
    [432] = FSMOUNT | FAILED_TOO,
    [442] = MOUNT_SETATTR | FAILED_TOO,
    [346] = SETNS | FAILED_TOO,
    [310] = UNSHARE | FAILED_TOO,
    [120] = CLONE | FAILED_TOO,
    [435] = CLONE3 | FAILED_TOO,
    [425] = IO_URING_SETUP | FAILED_TOO,
};

/* arm64, and every machine with the generic table. */
static const u16 generic_calls[CALLS] = {
    [56] = OPENS,
    [437] = OPENS,
    [265] = OPENS,
    [202] = ACCEPTS,
    [242] = ACCEPTS,
    [203] = CONNECTS | FAILED_TOO,
    [206] = SENDS_TO,
    [211] = SENDS_MESSAGE,
    [269] = SENDS_MESSAGES,
    [200] = BINDS,
    [198] = MAKES_SOCKET | FAILED_TOO,
    [45] = CALL(BY_PATH, WRITE),
    [46] = CALL(BY_FD, WRITE),
    [38] = CALL(BY_TWO_AT, RENAME),
    [276] = CALL(BY_TWO_AT, RENAME),
    [35] = CALL(BY_PATH_AT, DELETE),
    [34] = CALL(BY_PATH_AT, CREATE),
    [33] = CALL(BY_PATH_AT, CREATE),
    [37] = CALL(BY_FOURTH_AT, CREATE),
    [36] = CALL(BY_SECOND_AT, CREATE),
    [52] = CALL(BY_FD, ATTRIBUTES),
    [53] = CALL(BY_PATH_AT, ATTRIBUTES),
    [452] = CALL(BY_PATH_AT, ATTRIBUTES),
    [54] = CALL(BY_PATH_AT, ATTRIBUTES),
    [55] = CALL(BY_FD, ATTRIBUTES),
    [5] = CALL(BY_PATH, ATTRIBUTES),
    [6] = CALL(BY_PATH, ATTRIBUTES),
    [7] = CALL(BY_FD, ATTRIBUTES),
    [14] = CALL(BY_PATH, ATTRIBUTES),
    [15] = CALL(BY_PATH, ATTRIBUTES),
    [16] = CALL(BY_FD, ATTRIBUTES),
    [463] = CALL(BY_PATH_AT, ATTRIBUTES),
    [466] = CALL(BY_PATH_AT, ATTRIBUTES),
    [88] = CALL(BY_PATH_AT, ATTRIBUTES),
    [117] = PTRACE | FAILED_TOO,
    [270] = PROCESS_VM_READV | FAILED_TOO,
    [271] = PROCESS_VM_WRITEV | FAILED_TOO,
    [146] = SETUID,
    [145] = SETREUID,
    [147] = SETRESUID,
    [151] = SETFSUID,
    [144] = SETGID,
    [143] = SETREGID,
    [149] = SETRESGID,
    [152] = SETFSGID,
    [91] = CAPSET,
    [217] = ADD_KEY,
    [218] = REQUEST_KEY,
    [219] = KEYCTL,
    [222] = MMAP,
    [226] = MPROTECT,
    [288] = PKEY_MPROTECT,
    [279] = MEMFD_CREATE,
    [447] = MEMFD_SECRET,
    [282] = USERFAULTFD | FAILED_TOO,
    [105] = INIT_MODULE | FAILED_TOO,
    [273] = FINIT_MODULE | FAILED_TOO,
    [106] = DELETE_MODULE | FAILED_TOO,
    [104] = KEXEC_LOAD | FAILED_TOO,
    [294] = KEXEC_FILE_LOAD | FAILED_TOO,
    [280] = BPF_CALL | FAILED_TOO,
    [241] = PERF_EVENT_OPEN | FAILED_TOO,
    [40] = MOUNT_CALL | FAILED_TOO,
    [39] = UMOUNT | FAILED_TOO,
    [41] = PIVOT_ROOT | FAILED_TOO,
    [51] = CHROOT | FAILED_TOO,
    [428] = OPEN_TREE | FAILED_TOO,
    [429] = MOVE_MOUNT | FAILED_TOO,
    [430] = FSOPEN | FAILED_TOO,
    [432] = FSMOUNT | FAILED_TOO,
    [442] = MOUNT_SETATTR | FAILED_TOO,
    [268] = SETNS | FAILED_TOO,
    [97] = UNSHARE | FAILED_TOO,
    [220] = CLONE | FAILED_TOO,
    [435] = CLONE3 | FAILED_TOO,
    [425] = IO_URING_SETUP | FAILED_TOO,
};
