/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Sockets behind file descriptors; what the standard streams of a program are. */
#pragma once

#include "paths.bpf.h"

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFCHR 0020000
#define S_IFBLK 0060000

struct stream {
  u16 mode; /* i_mode, 0 when closed */
  u16 family; /* of the peer; 0 when there is none */
  u16 port; /* of the peer, as on the wire */
  u16 major; /* of a device */
  u8 address[16];
};

INLINE struct sock *sock_of(struct file *file) {
  struct inode *inode = READ(file, f_inode);
  if ((READ(inode, i_mode) & S_IFMT) != S_IFSOCK) return 0;
  struct socket *socket = READ(file, private_data);
  return READ(socket, sk);
}

INLINE void read_address(u8 *to, struct sock *sk, u16 family, int remote) {
  if (family == AF_INET) {
    u32 address = remote ? READ(sk, __sk_common.skc_daddr) : READ(sk, __sk_common.skc_rcv_saddr);
    __builtin_memcpy(to, &address, sizeof(address));
  } else {
    struct in6_addr address =
        remote ? READ(sk, __sk_common.skc_v6_daddr) : READ(sk, __sk_common.skc_v6_rcv_saddr);
    __builtin_memcpy(to, &address, sizeof(address));
  }
}

static __attribute__((noinline)) int read_stream(struct stream *to, struct file *file) {
  if (!file) return 0;
  struct inode *inode = READ(file, f_inode);
  u16 mode = READ(inode, i_mode), type = mode & S_IFMT;
  to->mode = mode;
  if (type == S_IFCHR || type == S_IFBLK) to->major = READ(inode, i_rdev) >> 20;
  if (type != S_IFSOCK) return 0;
  struct socket *socket = READ(file, private_data);
  struct sock *sk = READ(socket, sk);
  if (!sk) return 0;
  u16 family = READ(sk, __sk_common.skc_family);
  u16 port = READ(sk, __sk_common.skc_dport);
  if ((family != AF_INET && family != AF_INET6) || READ(sk, sk_protocol) != IPPROTO_TCP || port == 0) return 0;
  to->family = family;
  to->port = port;
  read_address(to->address, sk, family, 1);
  return 0;
}
