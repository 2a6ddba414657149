/* The transition system of tasklet.yaml, step for step: what the model does in one step is one d_step here.
 * Kernel facts: kernel/softirq.c (see runtime-model/mechanisms/softirq.cpp and tasklet.cpp). */
#ifndef EVENTS
#define EVENTS 4
#endif
#define IRQEXIT 1
#define KSOFTIRQD 3

/* the device and its line, one per CPU */
byte events[2] = EVENTS;
bit asserted[2];
/* CPU */
bit hard[2];        /* the primary handler runs */
bit onks[2];        /* current is ksoftirqd */
bit serving[2];
bit pending[2];     /* TASKLET_SOFTIRQ */
bit snapshot[2];
bit begun[2];       /* the tasklets of this pass were taken off the list: what is scheduled now is for the next one */
byte passes[2];
byte origin[2];
byte soft[2];       /* 0 free, 1..3: the tasklet's three instructions */
bit onlist[2];
byte budget[2];
bit woken[2];       /* ksoftirqd */
/* the tasklet */
bit sched;
bit running;
byte inside;

inline begin(c, o) { serving[c] = 1; snapshot[c] = pending[c]; pending[c] = 0; passes[c] = 10; origin[c] = o }

inline finish(c) {
  passes[c] = 0;
  serving[c] = 0;
  if
  :: origin[c] == KSOFTIRQD -> woken[c] = pending[c]; onks[c] = 0
  :: else
  fi;
  origin[c] = 0
}

inline serve(c) {
  if
  :: snapshot[c] ->
    budget[c] = 10;
    if
    :: begun[c] -> begun[c] = 0; snapshot[c] = 0
    :: !begun[c] && onlist[c] && !running -> begun[c] = 1; onlist[c] = 0; sched = 0; running = 1; soft[c] = 1
    :: !begun[c] && onlist[c] && running -> pending[c] = 1; snapshot[c] = 0 /* runs elsewhere: back to the list */
    :: else -> snapshot[c] = 0
    fi
  :: else
  fi;
  if
  :: soft[c] == 0 && pending[c] ->
    passes[c] = passes[c] - 1;
    if
    :: passes[c] > 0 -> snapshot[c] = 1; pending[c] = 0
    :: else -> woken[c] = 1; finish(c)
    fi
  :: soft[c] == 0 && !pending[c] -> finish(c)
  :: else
  fi
}

#define STEPS(c) \
  :: d_step { events[c] > 0 && !asserted[c] -> events[c] = events[c] - 1; asserted[c] = 1 } \
  :: d_step { asserted[c] && !hard[c] -> asserted[c] = 0; hard[c] = 1 } \
  :: d_step { hard[c] -> \
      if :: !sched -> sched = 1; onlist[c] = 1; pending[c] = 1 :: else fi; \
      hard[c] = 0; \
      if :: pending[c] && !serving[c] -> begin(c, IRQEXIT) :: else fi } \
  :: d_step { !hard[c] && soft[c] == 1 -> inside = inside + 1; assert(inside == 1); soft[c] = 2 } \
  :: d_step { !hard[c] && soft[c] == 2 -> soft[c] = 3 } \
  :: d_step { !hard[c] && soft[c] == 3 -> inside = inside - 1; soft[c] = 0; running = 0 } \
  :: d_step { !hard[c] && serving[c] && soft[c] == 0 -> serve(c) } \
  :: d_step { !hard[c] && !serving[c] && !onks[c] && woken[c] && pending[c] -> onks[c] = 1; woken[c] = 0; begin(c, KSOFTIRQD) }

active proctype machine() {
end:
  do
  STEPS(0)
  STEPS(1)
  od
}
