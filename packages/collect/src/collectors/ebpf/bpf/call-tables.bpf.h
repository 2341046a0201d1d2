/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Numbers of system calls on each machine, and what is done at the end of each. */
#pragma once

#include "files.bpf.h"

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
    [42] = CONNECTS, /* connect */
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
};

/* 32-bit programs on x86-64. */
static const u16 i386_calls[CALLS] = {
    [5] = OPENS,
    [8] = OPENS,
    [295] = OPENS,
    [437] = OPENS,
    [342] = OPENS,
    [364] = ACCEPTS,
    [362] = CONNECTS,
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
};

/* arm64, and every machine with the generic table. */
static const u16 generic_calls[CALLS] = {
    [56] = OPENS,
    [437] = OPENS,
    [265] = OPENS,
    [202] = ACCEPTS,
    [242] = ACCEPTS,
    [203] = CONNECTS,
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
};
