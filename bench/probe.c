// What the memory of this machine allows: read-modify-write of random 64-byte lines, each independent of the last, with and without prefetch.
// Prints nanoseconds of CPU time a line. Arguments: bytes of memory, lines to touch.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LINE = 64, BATCH = 64 };

static double cpu(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1e9 + now.tv_nsec;
}

int main(int count, char **arguments) {
  if (count < 3) return 2;
  size_t lines = strtoull(arguments[1], 0, 10) / LINE, touches = strtoull(arguments[2], 0, 10);
  uint64_t *memory = aligned_alloc(LINE, lines * LINE);
  if (memory == 0 || lines == 0) return 1;
  for (size_t at = 0; at < lines * (LINE / 8); at++) memory[at] = at;
  uint64_t state = 88172645463325252u;
  size_t places[BATCH];
  for (int isPrefetched = 0; isPrefetched < 2; isPrefetched++) {
    double start = cpu();
    for (size_t done = 0; done < touches; done += BATCH) {
      for (int at = 0; at < BATCH; at++) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        places[at] = (size_t)(((unsigned __int128)state * lines) >> 64) * (LINE / 8);
        if (isPrefetched) __builtin_prefetch(&memory[places[at]], 1);
      }
      for (int at = 0; at < BATCH; at++) memory[places[at]] += state;
    }
    printf("%.2f\n", (cpu() - start) / (double)touches);
  }
  return memory[0] == 42;
}
