/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Connections. */
#pragma once

#include "streams.bpf.h"

#define SOCK_DONE 1

/* Which process a TCP socket belongs to, and whether its connecting was told yet. */
struct owner {
  u64 start;
  u32 pid;
  u32 is_told;
};

/* By the address of the socket. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_LRU_HASH);
  MAP_UINT(max_entries, 65536);
  MAP_TYPE(key, u64);
  MAP_TYPE(value, struct owner);
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
  s32 error; /* what became of a connection that did not come about; 0 where it did, or nobody knows */
  u32 pad;
};

#define ENETUNREACH 101
#define EHOSTUNREACH 113
#define EADDRNOTAVAIL 99
#define EINTR 4
#define EINPROGRESS 115

static __attribute__((noinline)) int tell_socket(struct sock *sk, u32 type, u32 pid, u64 start, s32 error) {
  if (!is_told(type)) return 0;
  u16 family = READ(sk, __sk_common.skc_family);
  if (family != AF_INET && family != AF_INET6) return 0;
  if (!admit(type)) return 0;
  struct socket_record *record = bpf_ringbuf_reserve(&bulk_ring, sizeof(*record), 0);
  if (!record) {
    count(lost, type);
    return 0;
  }
  __builtin_memset(record, 0, sizeof(*record));
  head(&record->header, type, pid, start);
  record->family = family;
  record->protocol = READ(sk, sk_protocol);
  record->error = error;
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

#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_CLOSE 7
#define TCP_LISTEN 10

INLINE void tell_connecting(struct sock *sk, struct owner *owner) {
  if (owner->is_told) return;
  owner->is_told = 1;
  tell_socket(sk, CONNECT, owner->pid, owner->start, 0);
}

SEC("tp_btf/inet_sock_set_state")
int socket_state(u64 *ctx) {
  struct sock *sk = (void *)ctx[0];
  int from = ctx[1], to = ctx[2];
  if (to != TCP_SYN_SENT && to != TCP_LISTEN && to != TCP_CLOSE && from != TCP_SYN_SENT) return 0;
  if (READ(sk, sk_protocol) != IPPROTO_TCP) return 0;
  u64 key = (u64)sk;
  if (to == TCP_CLOSE || from == TCP_SYN_SENT) {
    /* Often in a softirq, on top of a process that has nothing to do with it. */
    struct owner *owner = bpf_map_lookup_elem(&sockets, &key);
    if (!owner) return 0;
    tell_connecting(sk, owner);
    if (to != TCP_CLOSE) return 0;
    /* Whose opening was never answered, or was refused. */
    s32 error = from == TCP_SYN_SENT ? READ(sk, sk_err) : 0;
    if (from != TCP_LISTEN) tell_socket(sk, CLOSE, owner->pid, owner->start, error);
    bpf_map_delete_elem(&sockets, &key);
    return 0;
  }
  struct task_struct *task = bpf_get_current_task();
  struct owner owner = {.start = start_of(task), .pid = READ(task, tgid)};
  if (is_ignored(owner.pid, owner.start)) return 0;
  if (to == TCP_LISTEN) {
    tell_socket(sk, LISTEN, owner.pid, owner.start, 0);
    return 0;
  }
  /* The kernel chooses the port only now: it is told at the next that happens. */
  if (READ((struct inet_sock *)sk, inet_sport)) tell_connecting(sk, &owner);
  bpf_map_update_elem(&sockets, &key, &owner, BPF_ANY);
  return 0;
}

/* Nobody answers, and who asked waits for it. */
SEC("tp_btf/tcp_retransmit_skb")
int socket_unanswered(u64 *ctx) {
  struct sock *sk = (void *)ctx[0];
  if (READ(sk, __sk_common.skc_state) != TCP_SYN_SENT) return 0;
  u64 key = (u64)sk;
  struct owner *owner = bpf_map_lookup_elem(&sockets, &key);
  if (owner) tell_connecting(sk, owner);
  return 0;
}

INLINE void on_accept(struct task_struct *task, u32 fd) {
  struct file *file = file_of(task, fd);
  if (!file) return;
  struct sock *sk = sock_of(file);
  if (!sk || READ(sk, sk_protocol) != IPPROTO_TCP) return;
  struct owner owner = {.start = start_of(task), .pid = READ(task, tgid), .is_told = 1};
  if (is_ignored(owner.pid, owner.start)) return;
  u64 key = (u64)sk;
  bpf_map_update_elem(&sockets, &key, &owner, BPF_ANY);
  tell_socket(sk, ACCEPT, owner.pid, owner.start, 0);
}

/* A far end as a program gave it. False where it is no internet address. */
INLINE int read_given(u16 *family, u16 *port, u8 *address, u64 name) {
  bpf_probe_read_user(family, 2, (void *)name);
  bpf_probe_read_user(port, 2, (void *)name + 2);
  if (*family == AF_INET)
    bpf_probe_read_user(address, 4, (void *)name + 4);
  else if (*family == AF_INET6)
    bpf_probe_read_user(address, 16, (void *)name + 8);
  else
    return 0;
  return 1;
}

/* A connection for which there was no way, or that was forbidden: it never became one, so no state tells of it. */
static __attribute__((noinline)) int
tell_no_way(struct sock *sk, u32 pid, u64 start, u64 name, s32 error) {
  u16 family = 0, port = 0;
  u8 address[16] = {};
  if (!read_given(&family, &port, address, name) || !admit(CONNECT)) return 0;
  struct socket_record *record = bpf_ringbuf_reserve(&bulk_ring, sizeof(*record), 0);
  if (!record) {
    count(lost, CONNECT);
    return 0;
  }
  __builtin_memset(record, 0, sizeof(*record));
  head(&record->header, CONNECT, pid, start);
  record->family = family;
  record->protocol = READ(sk, sk_protocol);
  record->remote_port = port;
  record->error = error;
  __builtin_memcpy(record->remote, address, 16);
  bpf_ringbuf_submit(record, bulk_wake());
  return 0;
}

/* UDP has no states; connect(2) on it fixes the far end. */
INLINE void on_connect(struct task_struct *task, u32 fd, u64 name, s64 result) {
  int is_under_way = result == -EINPROGRESS || result == -EINTR;
  if (result < 0 && !is_under_way && result != -ENETUNREACH && result != -EHOSTUNREACH && result != -EADDRNOTAVAIL &&
      result != -1 && result != -13)
    return;
  struct file *file = file_of(task, fd);
  if (!file) return;
  struct sock *sk = sock_of(file);
  if (!sk) return;
  u16 protocol = READ(sk, sk_protocol);
  if (is_under_way) {
    u64 key = (u64)sk;
    struct owner *owner = bpf_map_lookup_elem(&sockets, &key);
    if (owner) tell_connecting(sk, owner);
    return;
  }
  if (protocol != IPPROTO_UDP && (result == 0 || protocol != IPPROTO_TCP)) return;
  u32 pid = READ(task, tgid);
  u64 start = start_of(task);
  if (is_ignored(pid, start)) return;
  if (result < 0)
    /* A connection that was under way is told by its states. */
    tell_no_way(sk, pid, start, name, -result);
  else if (READ(sk, __sk_common.skc_dport))
    tell_socket(sk, CONNECT, pid, start, 0);
}

/* A port that was asked for; one that the kernel chooses is that of a client. */
static __attribute__((noinline)) int on_bind(struct task_struct *task, u32 fd, u64 name) {
  u16 family = 0, port = 0;
  bpf_probe_read_user(&family, 2, (void *)name);
  bpf_probe_read_user(&port, 2, (void *)name + 2);
  if (!port || (family != AF_INET && family != AF_INET6)) return 0;
  struct file *file = file_of(task, fd);
  if (!file) return 0;
  struct sock *sk = sock_of(file);
  if (!sk) return 0;
  u32 pid = READ(task, tgid);
  u64 start = start_of(task);
  if (!is_ignored(pid, start)) tell_socket(sk, BIND, pid, start, 0);
  return 0;
}
