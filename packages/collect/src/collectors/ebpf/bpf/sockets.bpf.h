/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Connections. */
#pragma once

#include "streams.bpf.h"

#define SOCK_DONE 1

/* Which process a TCP socket belongs to, by the address of the socket. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_LRU_HASH);
  MAP_UINT(max_entries, 65536);
  MAP_TYPE(key, u64);
  MAP_TYPE(value, struct identity);
} sockets SEC(".maps");

struct socket_record {
  struct header header;
  u16 family;
  u16 protocol;
  u16 local_port;
  u16 remote_port; /* as on the wire */
  u64 bytes_in;
  u64 bytes_out;
  u8 local[16];
  u8 remote[16];
};

static __attribute__((noinline)) int tell_socket(struct sock *sk, u32 type, u32 pid, u64 start) {
  if (!is_told(type)) return 0;
  u16 family = READ(sk, __sk_common.skc_family);
  if (family != AF_INET && family != AF_INET6) return 0;
  count(emitted, type);
  struct socket_record *record = bpf_ringbuf_reserve(&bulk_ring, sizeof(*record), 0);
  if (!record) {
    count(lost, type);
    return 0;
  }
  __builtin_memset(record, 0, sizeof(*record));
  head(&record->header, type, pid, start);
  record->family = family;
  record->protocol = READ(sk, sk_protocol);
  /* skc_num is given back before the state becomes 'closed'. */
  record->local_port = __builtin_bswap16(READ((struct inet_sock *)sk, inet_sport));
  if (!record->local_port) record->local_port = READ(sk, __sk_common.skc_num);
  record->remote_port = READ(sk, __sk_common.skc_dport);
  read_address(record->local, sk, family, 0);
  read_address(record->remote, sk, family, 1);
  if (type == CLOSE) {
    struct tcp_sock *tcp = (void *)sk;
    /* The end of the stream is counted as a byte. */
    record->bytes_in = READ(tcp, bytes_received) - (READ(sk, __sk_common.skc_flags) >> SOCK_DONE & 1);
    record->bytes_out = READ(tcp, bytes_sent) - READ(tcp, bytes_retrans);
  }
  bpf_ringbuf_submit(record, bulk_wake());
  return 0;
}

#define TCP_SYN_SENT 2
#define TCP_CLOSE 7
#define TCP_LISTEN 10

SEC("tp_btf/inet_sock_set_state")
int socket_state(u64 *ctx) {
  struct sock *sk = (void *)ctx[0];
  int from = ctx[1], to = ctx[2];
  if (to != TCP_SYN_SENT && to != TCP_LISTEN && to != TCP_CLOSE) return 0;
  if (READ(sk, sk_protocol) != IPPROTO_TCP) return 0;
  u64 key = (u64)sk;
  if (to == TCP_CLOSE) {
    /* Often in a softirq, on top of a process that has nothing to do with it. */
    struct identity *owner = bpf_map_lookup_elem(&sockets, &key);
    if (!owner) return 0;
    if (from != TCP_LISTEN) tell_socket(sk, CLOSE, owner->pid, owner->start);
    bpf_map_delete_elem(&sockets, &key);
    return 0;
  }
  struct task_struct *task = bpf_get_current_task();
  struct identity owner = {.start = start_of(task), .pid = READ(task, tgid)};
  if (is_ignored(owner.pid, owner.start)) return 0;
  if (to == TCP_SYN_SENT) bpf_map_update_elem(&sockets, &key, &owner, BPF_ANY);
  tell_socket(sk, to == TCP_LISTEN ? LISTEN : CONNECT, owner.pid, owner.start);
  return 0;
}

INLINE void on_accept(struct task_struct *task, u32 fd) {
  struct file *file = file_of(task, fd);
  if (!file) return;
  struct sock *sk = sock_of(file);
  if (!sk || READ(sk, sk_protocol) != IPPROTO_TCP) return;
  struct identity owner = {.start = start_of(task), .pid = READ(task, tgid)};
  if (is_ignored(owner.pid, owner.start)) return;
  u64 key = (u64)sk;
  bpf_map_update_elem(&sockets, &key, &owner, BPF_ANY);
  tell_socket(sk, ACCEPT, owner.pid, owner.start);
}

/* UDP has no states; connect(2) on it fixes the far end. */
INLINE void on_connect(struct task_struct *task, u32 fd) {
  struct file *file = file_of(task, fd);
  if (!file) return;
  struct sock *sk = sock_of(file);
  if (!sk || READ(sk, sk_protocol) != IPPROTO_UDP || !READ(sk, __sk_common.skc_dport)) return;
  u32 pid = READ(task, tgid);
  u64 start = start_of(task);
  if (is_ignored(pid, start)) return;
  tell_socket(sk, CONNECT, pid, start);
}
