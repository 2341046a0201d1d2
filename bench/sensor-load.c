/*
 * Load for bench/sensor.bench.ts, at a steady rate and bounded:
 *
 *   sensor-load open PATH RATE COUNT     opens PATH for writing and closes it, COUNT times
 *   sensor-load call NUMBER RATE COUNT   makes a system call without arguments, COUNT times
 *   sensor-load exec PROGRAM RATE COUNT  starts PROGRAM and waits for its end, COUNT times
 *
 * RATE is in each second; 0 is as fast as it goes. Prints how many nanoseconds it took, and how many microseconds of CPU
 * time, that of the started programs included.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
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

static int once(const char *what, char *path) {
  if (!strcmp(what, "open")) {
    int fd = open(path, O_WRONLY);
    return fd < 0 ? 1 : close(fd);
  }
  if (!strcmp(what, "call")) {
    syscall(atol(path));
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
  struct rusage own, children;
  getrusage(RUSAGE_SELF, &own);
  getrusage(RUSAGE_CHILDREN, &children);
  printf("%ld %ld\n", now_ns() - start, microseconds(&own) + microseconds(&children));
  return 0;
}
