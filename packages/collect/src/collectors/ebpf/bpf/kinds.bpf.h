/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Every kind of record has a number of its own: `type` of its head, and the place in emitted[], lost[] and enabled[].
 * kinds.ts has the same table with names.
 */
#pragma once

enum {
  EXEC = 1,
  FORK,
  EXIT,
  CONNECT,
  ACCEPT,
  LISTEN,
  CLOSE,
  FILE,
  PATH,
  BIND,
  SEND,
  RAW,
  SIGNAL,
  DNS,
  SELF_DELETE,
  TRACE = 16,
  WRITE_MEMORY,
  SET_USER,
  SET_GROUP,
  SET_CAPABILITIES,
  KEYRING,
  MAKE_EXECUTABLE,
  CREATE_MEMORY_FILE,
  USERFAULT,
  LOAD_MODULE,
  UNLOAD_MODULE,
  BPF,
  MOUNT,
  UNMOUNT,
  CHANGE_ROOT,
  ENTER_NAMESPACE,
  CREATE_NAMESPACE,
  IO_URING,
  PERF,
  COUNT_CALLS,
  KINDS = 64
};
