// Sends frames of UDP on an interface: packet-load INTERFACE RATE SECONDS. Prints how many were sent.
// They are of 1000 conversations, 110 bytes each, and go to nobody: the interface is one end of a veth pair of a test's own.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#define BURST 256
#define FRAME 110
#define FLOWS 1000

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int count, char **arguments) {
  if (count != 4) return 2;
  double rate = atof(arguments[2]), seconds = atof(arguments[3]);
  int fd = socket(AF_PACKET, SOCK_RAW, 0);
  int yes = 1;
  setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes);
  struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(arguments[1]), .sll_halen = 6};
  static unsigned char frames[BURST][FRAME];
  struct mmsghdr messages[BURST];
  struct iovec parts[BURST];
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < BURST; i++) {
    unsigned char *f = frames[i];
    memset(f, 0xff, 6);
    memset(f + 6, 2, 6);
    f[12] = 8;
    f[14] = 0x45;
    f[17] = FRAME - 14;
    f[22] = 64;
    f[23] = 17;
    f[26] = 10, f[29] = 1, f[30] = 10, f[33] = 2;
    f[36] = 0x12, f[37] = 0x34;
    f[39] = FRAME - 34;
    parts[i] = (struct iovec){f, FRAME};
    messages[i].msg_hdr = (struct msghdr){.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &parts[i], .msg_iovlen = 1};
  }
  long sent = 0;
  double start = now(), end = start + seconds;
  for (double t = start; t < end; t = now()) {
    long due = (long)((t - start) * rate) - sent;
    if (due < BURST) {
      struct timespec pause = {0, 200000};
      nanosleep(&pause, NULL);
      continue;
    }
    for (int i = 0; i < BURST; i++) {
      unsigned port = 1024 + (sent + i) % FLOWS;
      frames[i][34] = port >> 8;
      frames[i][35] = port & 255;
    }
    int done = sendmmsg(fd, messages, BURST, 0);
    if (done > 0) sent += done;
  }
  printf("%ld\n", sent);
  return 0;
}
