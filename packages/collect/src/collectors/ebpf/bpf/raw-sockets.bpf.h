/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Sockets that see or make whole packets, that speak to the kernel's own parts, or of families that few programs use. */
#pragma once

#include "sockets.bpf.h"
#include "system.bpf.h"

#define AF_UNIX 1
#define AF_NETLINK 16
#define SOCK_RAW 3
#define SOCK_TYPE 15

struct raw_record {
  struct header header;
  u32 family;
  u32 type;
  u32 protocol;
  s32 result;
};

/* Of netlink: XFRM, AUDIT, CONNECTOR, NETFILTER. The others are asked by every program that looks at its interfaces. */
#define TELLING_NETLINK (1 << 6 | 1 << 9 | 1 << 11 | 1 << 12)

static __attribute__((noinline)) int on_socket(struct task_struct *task, struct call *call) {
  if (!is_told(RAW)) return 0;
  u32 family = call->arguments[0], type = call->arguments[1], protocol = call->arguments[2];
  if (family <= AF_UNIX) return 0;
  if ((family == AF_INET || family == AF_INET6) && (type & SOCK_TYPE) != SOCK_RAW) return 0;
  if (family == AF_NETLINK && !(protocol < 32 && TELLING_NETLINK >> protocol & 1)) return 0;
  if (call->result < 0 && call->result != -EPERM && call->result != -EACCES) return 0;
  u32 pid = READ(task, tgid);
  u64 start = start_of(task);
  if (is_ignored(pid, start)) return 0;
  if (was_told(pid, start, RAW << 24 | (family & 0xff) << 16 | (protocol & 0xffff), SECOND)) return 0;
  if (!admit(RAW)) return 0;
  struct raw_record *record = bpf_ringbuf_reserve(&bulk_ring, sizeof(*record), 0);
  if (!record) {
    count(lost, RAW);
    return 0;
  }
  head(&record->header, RAW, pid, start);
  record->family = family;
  record->type = type;
  record->protocol = protocol;
  record->result = call->result < 0 ? call->result : 0;
  bpf_ringbuf_submit(record, bulk_wake());
  return 0;
}
