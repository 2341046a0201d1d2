/*
 * Load for bench/sensor.bench.ts, at a steady rate and bounded:
 *
 *   sensor-load open PATH RATE COUNT     opens PATH for writing and closes it, COUNT times
 *   sensor-load call NUMBER[,ARGUMENT...] RATE COUNT   makes a system call with numbers for arguments, COUNT times
 *   sensor-load descriptor NUMBER[,ARGUMENT...] RATE COUNT   the same, and closes the descriptor that it gives
 *   sensor-load chmod PATH RATE COUNT    changes the mode of PATH, COUNT times
 *   sensor-load fork - RATE COUNT        starts a process that ends at once, COUNT times
 *   sensor-load connect - RATE COUNT     connects to itself over TCP, accepts and closes, COUNT times
 *   sensor-load send PORT RATE COUNT     sends a datagram to that port of this machine, COUNT times
 *   sensor-load bind - RATE COUNT        binds a socket of UDP to a port, COUNT times
 *   sensor-load ids 117|119 RATE COUNT   becomes another effective user or group by setresuid or setresgid, COUNT times
 *   sensor-load execute - RATE COUNT     maps memory that is executable and writable, and unmaps it, COUNT times
 *   sensor-load signal - RATE COUNT      sends a signal to a process that ignores it, COUNT times
 *   sensor-load exec PROGRAM RATE COUNT  starts PROGRAM and waits for its end, COUNT times
 *
 * RATE is in each second; 0 is as fast as it goes. Prints how many nanoseconds it took, and how many microseconds of CPU
 * time, that of the started programs included.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000L + time.tv_nsec;
}

static long microseconds(const struct rusage *used) {
  return (used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000000L + used->ru_utime.tv_usec + used->ru_stime.tv_usec;
}

static int listener = -1, sender = -1;
static pid_t ignorant;
static struct sockaddr_in place = {.sin_family = AF_INET};

/* Numbers, and text where one does not begin with a digit. */
static long call_with(char *numbers) {
  long values[7] = {0};
  char text[256];
  snprintf(text, sizeof(text), "%s", numbers);
  char *rest = text;
  for (int i = 0; i < 7 && rest; i++) {
    char *one = strsep(&rest, ",");
    values[i] = (*one >= '0' && *one <= '9') || *one == '-' ? atol(one) : (long)one;
  }
  return syscall(values[0], values[1], values[2], values[3], values[4], values[5], values[6]);
}

/* What an act needs, before the time is taken. */
static int prepare(const char *what, const char *path) {
  place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!strcmp(what, "connect")) {
    socklen_t size = sizeof(place);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    return bind(listener, (void *)&place, size) || listen(listener, 16) || getsockname(listener, (void *)&place, &size);
  }
  if (!strcmp(what, "send")) {
    place.sin_port = htons(atoi(path));
    sender = socket(AF_INET, SOCK_DGRAM, 0);
  }
  if (!strcmp(what, "signal") && (ignorant = fork()) == 0) {
    signal(SIGUSR1, SIG_IGN);
    sleep(60);
    _exit(0);
  }
  return 0;
}

static int connect_once(void) {
  int near = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(near, (void *)&place, sizeof(place))) return 1;
  int far = accept(listener, NULL, NULL);
  /* So that no port is left waiting. */
  struct linger none = {1, 0};
  setsockopt(near, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
  return close(near) || close(far);
}

static int once(const char *what, char *path) {
  static int turn;
  turn++;
  if (!strcmp(what, "chmod")) return chmod(path, turn & 1 ? 0600 : 0644);
  if (!strcmp(what, "connect")) return connect_once();
  if (!strcmp(what, "send")) return sendto(sender, "hello", 5, 0, (void *)&place, sizeof(place)) != 5;
  if (!strcmp(what, "signal")) return kill(ignorant, SIGUSR1);
  if (!strcmp(what, "bind")) {
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    place.sin_port = htons(47613);
    return bind(fd, (void *)&place, sizeof(place)) || close(fd);
  }
  /* The calls themselves: the C library's functions are about all threads. */
  if (!strcmp(what, "ids")) return syscall(atol(path), -1L, turn & 1 ? 65534L : 0L, -1L) != 0;
  if (!strcmp(what, "execute")) {
    void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return munmap(at, 4096);
  }
  if (!strcmp(what, "descriptor")) {
    long fd = call_with(path);
    return fd < 0 ? 1 : close(fd);
  }
  if (!strcmp(what, "fork")) {
    pid_t pid = fork();
    if (pid == 0) _exit(0);
    return waitpid(pid, NULL, 0) != pid;
  }
  if (!strcmp(what, "open")) {
    int fd = open(path, O_WRONLY);
    return fd < 0 ? 1 : close(fd);
  }
  if (!strcmp(what, "call")) {
    call_with(path);
    return 0;
  }
  char *arguments[] = {path, "--of", "load", NULL}, *environment[] = {NULL};
  /* Not posix_spawn: glibc's makes 64 more system calls, one for each signal. */
  pid_t pid = fork();
  if (pid == 0) {
    execve(path, arguments, environment);
    _exit(127);
  }
  int status;
  return pid < 0 || waitpid(pid, &status, 0) != pid || status != 0;
}

int main(int count, char **arguments) {
  if (count != 5) return 2;
  if (prepare(arguments[1], arguments[2])) return 1;
  long rate = atol(arguments[3]), times = atol(arguments[4]), start = now_ns();
  for (long i = 0; i < times; i++) {
    /* In bursts of two milliseconds: a sleep for each would cost more than what it waits for. */
    if (rate > 0 && i % (rate / 500 ? rate / 500 : 1) == 0) {
      long ahead = start + i * (1000000000.0 / rate) - now_ns();
      struct timespec pause = {ahead / 1000000000, ahead % 1000000000};
      if (ahead > 0) nanosleep(&pause, NULL);
    }
    if (once(arguments[1], arguments[2])) {
      perror(arguments[2]);
      return 1;
    }
  }
  if (ignorant) kill(ignorant, SIGKILL);
  struct rusage own, children;
  getrusage(RUSAGE_SELF, &own);
  getrusage(RUSAGE_CHILDREN, &children);
  printf("%ld %ld\n", now_ns() - start, microseconds(&own) + microseconds(&children));
  return 0;
}
