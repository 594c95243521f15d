/* Makes every flush of a file take longer, as on a disk that is far away.

   gcc -shared -fPIC -o slow_disk.so slow_disk.c -ldl
   LD_PRELOAD=./slow_disk.so SLOW_DISK_US=2000 mariadbd ...
*/
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static void wait_a_while(void) {
  const char *told = getenv("SLOW_DISK_US");
  long us = told ? atol(told) : 2000;
  struct timespec pause = {us / 1000000, us % 1000000 * 1000};
  nanosleep(&pause, NULL);
}

int fsync(int file) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  wait_a_while();
  return real(file);
}

int fdatasync(int file) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  wait_a_while();
  return real(file);
}
