/* The transition system of workqueue.yaml, step for step: what the model does in one step is one d_step here.
 * Kernel facts: kernel/workqueue.c (see runtime-model/mechanisms/workqueue.cpp). */
#define CALLS 16
#define IDLE 9
/* tasks 0, 1: a on CPU 0 and b on CPU 1; tasks 2..5: kworker/0:0, 0:1, 1:0, 1:1 */
byte cur[2] = IDLE; /* current of each CPU */
bit left[2] = 1;   /* a and b: there are calls left */
byte pc[6];        /* of a task's program; a worker: of the work's */
byte item[6];      /* of a worker: 0 none, else work+1 */
bit result[2];     /* of queue_work() */
/* the works */
bit wpending[2];
bit ever[2];
byte wpool[2];     /* pool+1 where it is pending */
byte runners[2];
byte last[2];      /* pool+1 where it ran last */
byte pool[4];      /* work lists of the two pools, work+1 */
byte inside[2];

inline push(p, w) { if :: pool[2 * p] == 0 -> pool[2 * p] = w + 1 :: else -> pool[2 * p + 1] = w + 1 fi }
inline removefirst(p) { pool[2 * p] = pool[2 * p + 1]; pool[2 * p + 1] = 0 }
inline removesecond(p) { pool[2 * p + 1] = 0 }

inline queue(c, w) {
  if
  :: wpending[w] -> result[c] = 0
  :: else ->
    wpending[w] = 1;
    ever[w] = 1;
    result[c] = 1;
    if
    :: runners[w] -> wpool[w] = last[w]
    :: else -> wpool[w] = c + 1
    fi;
    push((wpool[w] - 1), w)
  fi
}

/* May this item start in pool p? Not while it runs there. */
#define STARTABLE(entry, p) (entry != 0 && !(runners[(entry - 1) & 1] && last[(entry - 1) & 1] == p + 1))
#define HASSTART(p) (STARTABLE(pool[2 * p], p) || STARTABLE(pool[2 * p + 1], p))

inline startitem(t, w, p) {
  wpending[w] = 0;
  wpool[w] = 0;
  last[w] = p + 1;
  runners[w] = runners[w] + 1;
  item[t] = w + 1;
  pc[t] = 0
}

inline start(t, p) {
  if
  :: STARTABLE(pool[2 * p], p) -> chosen = pool[2 * p] - 1; removefirst(p)
  :: else -> chosen = pool[2 * p + 1] - 1; removesecond(p)
  fi;
  startitem(t, chosen, p);
  chosen = 0
}

hidden byte chosen;

/* One of the two calling tasks. */
#define CALLER(c) \
  :: d_step { cur[c] == c -> \
      queue(c, (pc[c] % 2)); \
      pc[c] = pc[c] + 1; \
      if :: pc[c] == CALLS -> left[c] = 0; pc[c] = 0; result[c] = 0; cur[c] = IDLE :: else fi } \
  :: d_step { cur[c] != c && left[c] -> cur[c] = c }

/* A worker: three instructions of its item, and taking one. `first`, `second`: the pool's workers. */
#define WORKER(t, c, first, second) \
  :: d_step { cur[c] == t && pc[t] == 0 -> \
      inside[item[t] - 1] = inside[item[t] - 1] + 1; assert(inside[item[t] - 1] == 1); pc[t] = 1 } \
  :: d_step { cur[c] == t && pc[t] == 1 -> pc[t] = 2 } \
  :: d_step { cur[c] == t && pc[t] == 2 -> \
      inside[item[t] - 1] = inside[item[t] - 1] - 1; runners[item[t] - 1] = runners[item[t] - 1] - 1; \
      item[t] = 0; pc[t] = 0; cur[c] = IDLE } \
  :: d_step { cur[c] != t && item[t] -> cur[c] = t } \
  :: d_step { t == first && cur[c] != t && item[first] == 0 && item[second] == 0 && HASSTART(c) -> \
      cur[c] = t; start(t, c) }

active proctype machine() {
end:
  do
  CALLER(0)
  CALLER(1)
  WORKER(2, 0, 2, 3)
  WORKER(3, 0, 2, 3)
  WORKER(4, 1, 4, 5)
  WORKER(5, 1, 4, 5)
  od
}
