/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Datagrams that no connection was made for: told when a process sends to a place for the first time, then with how much
 * it has sent, not more often than every so many seconds but for each MiB, and the rest
 * when it ends. What is asked of a name server, connected or
 * not, is told with its first bytes, each time.
 */
#pragma once

#include "call-tables.bpf.h"
#include "sockets.bpf.h"
#include "system-records.bpf.h"

#define MIB (1ULL << 20)
#define SENDMMSG_MAX 4
#define DNS_MAX 512

/* How long nothing more is told of a process and a place that it sends to; ns. */
u64 send_pause;

struct sending_key {
  u64 start;
  u32 pid;
  u16 family;
  u16 port;
  u8 address[16];
};

struct sending {
  u64 told; /* ns since boot */
  u64 bytes; /* since then, as the next */
  u64 datagrams;
};

struct {
  MAP_UINT(type, BPF_MAP_TYPE_LRU_HASH);
  MAP_UINT(max_entries, 8192);
  MAP_TYPE(key, struct sending_key);
  MAP_TYPE(value, struct sending);
} sendings SEC(".maps");

/* Start of each process that has sent, by its process id, and whether there is any. */
struct {
  MAP_UINT(type, BPF_MAP_TYPE_LRU_HASH);
  MAP_UINT(max_entries, 4096);
  MAP_TYPE(key, u32);
  MAP_TYPE(value, u64);
} senders SEC(".maps");
u32 has_senders;

struct dns_record {
  struct header header;
  u16 family;
  u16 length; /* of the part that was copied */
  u16 local_port;
  u16 remote_port; /* as on the wire */
  u8 local[16];
  u8 remote[16];
  u32 whole; /* length of the datagram */
  u32 pad;
};

/* One datagram that was sent. */
struct datagram {
  u64 name; /* of the place, in the program's memory; 0 where the socket is connected */
  u64 data;
  u64 data_length; /* of the piece that `data` is */
  u64 bytes;
};

/* Where the far end is, from what the program gave or from the socket. False where it is no internet address. */
INLINE int far_end(struct sending_key *to, struct sock *sk, u64 name) {
  if (name) return read_given(&to->family, &to->port, to->address, name);
  to->family = READ(sk, __sk_common.skc_family);
  to->port = READ(sk, __sk_common.skc_dport);
  if (to->family != AF_INET && to->family != AF_INET6) return 0;
  read_address(to->address, sk, to->family, 1);
  return 1;
}

INLINE void near_end(u8 *address, u16 *port, struct sock *sk, u16 family) {
  *port = READ(sk, __sk_common.skc_num);
  u16 own = READ(sk, __sk_common.skc_family);
  /* A socket of IPv6 that speaks IPv4 has its address at the end of another. */
  if (own == family) read_address(address, sk, family, 0);
}

static __attribute__((noinline)) int tell_dns(struct sock *sk, struct sending_key *to, struct datagram *datagram) {
  if (!admit(DNS)) return 0;
  u32 slot = 2;
  struct scratch *scratch = bpf_map_lookup_elem(&scratches, &slot);
  if (!scratch) {
    count(lost, DNS);
    return 0;
  }
  struct dns_record *record = (void *)scratch->bytes;
  __builtin_memset(record, 0, sizeof(*record));
  head(&record->header, DNS, to->pid, to->start);
  record->family = to->family;
  record->remote_port = to->port;
  __builtin_memcpy(record->remote, to->address, 16);
  near_end(record->local, &record->local_port, sk, to->family);
  record->whole = datagram->bytes;
  u64 length = datagram->data_length;
  if (length > datagram->bytes) length = datagram->bytes;
  if (length > DNS_MAX) length = DNS_MAX;
  if (bpf_probe_read_user(record + 1, length, (void *)datagram->data)) length = 0;
  record->length = length;
  scratch->at = sizeof(*record) + length;
  if (send(&bulk_ring, scratch, bulk_wake())) count(lost, DNS);
  return 0;
}

INLINE int is_dns(u16 port) {
  return port == __builtin_bswap16(53) || port == __builtin_bswap16(5353) || port == __builtin_bswap16(5355);
}

static __attribute__((noinline)) int tell_send(struct sock *sk, struct sending_key *to, u64 bytes, u64 datagrams) {
  if (!admit(SEND)) return 0;
  struct socket_record *record = bpf_ringbuf_reserve(&bulk_ring, sizeof(*record), 0);
  if (!record) {
    count(lost, SEND);
    return 0;
  }
  __builtin_memset(record, 0, sizeof(*record));
  head(&record->header, SEND, to->pid, to->start);
  record->family = to->family;
  record->protocol = IPPROTO_UDP;
  record->remote_port = to->port;
  __builtin_memcpy(record->remote, to->address, 16);
  if (sk) near_end(record->local, &record->local_port, sk, to->family);
  record->bytes_in = datagrams;
  record->bytes_out = bytes;
  bpf_ringbuf_submit(record, bulk_wake());
  return 0;
}

static __attribute__((noinline)) int
on_datagram(struct task_struct *task, struct sock *sk, struct datagram *datagram) {
  struct sending_key to;
  __builtin_memset(&to, 0, sizeof(to));
  if (!far_end(&to, sk, datagram->name)) return 0;
  int asks = is_dns(to.port) && is_told(DNS);
  if (!asks && !datagram->name) return 0;
  to.pid = READ(task, tgid);
  to.start = start_of(task);
  if (is_ignored(to.pid, to.start)) return 0;
  if (asks) tell_dns(sk, &to, datagram);
  if (!datagram->name || !is_told(SEND)) return 0;
  u64 now = bpf_ktime_get_boot_ns();
  struct sending *sending = bpf_map_lookup_elem(&sendings, &to);
  if (!sending) {
    struct sending first = {.told = now};
    bpf_map_update_elem(&sendings, &to, &first, BPF_ANY);
    bpf_map_update_elem(&senders, &to.pid, &to.start, BPF_ANY);
    has_senders = 1;
    return tell_send(sk, &to, datagram->bytes, 1);
  }
  u64 bytes = __sync_fetch_and_add(&sending->bytes, datagram->bytes) + datagram->bytes;
  __sync_fetch_and_add(&sending->datagrams, 1);
  if (now - sending->told < send_pause && bytes < MIB) return 0;
  sending->told = now;
  /* Who of two that come at once takes it, tells it. */
  bytes = __sync_lock_test_and_set(&sending->bytes, 0);
  u64 datagrams = __sync_lock_test_and_set(&sending->datagrams, 0);
  return bytes || datagrams ? tell_send(sk, &to, bytes, datagrams) : 0;
}

static long tell_rest(void *map, struct sending_key *to, struct sending *sending, struct identity *of) {
  if (!map || to->pid != of->pid || to->start != of->start || !sending->datagrams) return 0;
  struct sending_key key = *to;
  u64 bytes = __sync_lock_test_and_set(&sending->bytes, 0);
  u64 datagrams = __sync_lock_test_and_set(&sending->datagrams, 0);
  tell_send(0, &key, bytes, datagrams);
  return 0;
}

/* Of a process that ends: what it sent and was not told. */
static __attribute__((noinline)) int end_sendings(u32 pid, u64 start) {
  u64 *known = bpf_map_lookup_elem(&senders, &pid);
  if (!known || *known != start) return 0;
  struct identity of = {.start = start, .pid = pid};
  if (is_told(SEND)) bpf_for_each_map_elem(&sendings, tell_rest, &of, 0);
  bpf_map_delete_elem(&senders, &pid);
  return 0;
}

INLINE struct sock *datagram_socket(struct task_struct *task, u32 fd) {
  struct file *file = file_of(task, fd);
  if (!file) return 0;
  struct sock *sk = sock_of(file);
  return sk && READ(sk, sk_protocol) == IPPROTO_UDP ? sk : 0;
}

/* struct msghdr of 64-bit programs: name, its length, pieces, their count. */
INLINE void read_message(struct datagram *to, u64 message) {
  u64 fields[4] = {};
  bpf_probe_read_user(fields, sizeof(fields), (void *)message);
  to->name = fields[0];
  u64 piece[2] = {};
  if (fields[3]) bpf_probe_read_user(piece, sizeof(piece), (void *)fields[2]);
  to->data = piece[0];
  to->data_length = piece[1];
}

static __attribute__((noinline)) int on_send(struct task_struct *task, struct call *call) {
  struct sock *sk = datagram_socket(task, call->arguments[0]);
  if (!sk) return 0;
  struct datagram datagram = {.bytes = call->result};
  if (call->how == SENDS_TO) {
    datagram.data = call->arguments[1];
    datagram.data_length = call->arguments[2];
    datagram.name = call->arguments[4];
    return on_datagram(task, sk, &datagram);
  }
  /* Pointers in their messages have half the size. */
  if (call->compat) return 0;
  if (call->how == SENDS_MESSAGE) {
    read_message(&datagram, call->arguments[1]);
    return on_datagram(task, sk, &datagram);
  }
  for (u32 i = 0; i < SENDMMSG_MAX; i++) {
    if (i >= (u64)call->result) break;
    /* struct mmsghdr: a msghdr of 56 bytes, then how much of it was sent. */
    u64 message = call->arguments[1] + i * 64;
    u32 bytes = 0;
    bpf_probe_read_user(&bytes, sizeof(bytes), (void *)message + 56);
    datagram.bytes = bytes;
    read_message(&datagram, message);
    on_datagram(task, sk, &datagram);
  }
  return 0;
}
