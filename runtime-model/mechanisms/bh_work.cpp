// BH workqueues (WQ_BH): items run from the TASKLET or HI softirq of the queueing CPU, before that CPU's tasklets, at
// most ten per pass. kernel/workqueue.c:138, 1233-1247, 3602-3657, kernel/softirq.c:832-842
#include "runtime-model/machine.h"
#include "runtime-model/mechanisms/mechanisms.h"

namespace bhlint::model {

void startInstance(Machine &machine, unsigned w, unsigned pool);
void queueOnBh(Machine &machine, unsigned cpu, unsigned work, unsigned queue);
void removeFromBh(Machine &machine, unsigned work);

namespace {

constexpr std::uint8_t workerRestarts = 10; // BH_WORKER_RESTARTS

unsigned listIndex(bool highPri) { return highPri ? 0 : 1; }

} // namespace

void queueOnBh(Machine &machine, unsigned cpu, unsigned w, unsigned queue) {
  Work &work = machine.state.works[w];
  const bool highPri = machine.system.queues[queue].is(QueueKindBits::HighPri);
  // While it runs elsewhere for the same queue it goes there (and is kicked by an irq_work).
  unsigned target = cpu;
  if (work.runners && work.runQueue == queue + 1)
    target = work.lastPool - 1u;
  listPush(machine.state.cpus[target].bhWorks[listIndex(highPri)], w);
  const Vector vector = highPri ? Vector::Hi : Vector::Tasklet;
  if (target == cpu)
    raiseSoftirq(machine, cpu, vector);
  else
    machine.state.cpus[target].pending |= static_cast<std::uint16_t>(1u << static_cast<unsigned>(vector));
}

void removeFromBh(Machine &machine, unsigned w) {
  for (unsigned cpu = 0; cpu < machine.system.cpus; ++cpu)
    for (std::uint8_t *list : machine.state.cpus[cpu].bhWorks) {
      const int position = listFind(list, w);
      if (position >= 0)
        listRemoveAt(list, static_cast<unsigned>(position));
    }
}

bool runBhWorkStage(Machine &machine, unsigned cpu, bool highPri) {
  Cpu &c = machine.state.cpus[cpu];
  std::uint8_t *list = c.bhWorks[listIndex(highPri)];
  if (c.stage == 0) {
    c.stage = 1;
    c.budget = workerRestarts;
  }
  if (!list[0])
    return false;
  if (c.budget == 0) {
    c.pending |= static_cast<std::uint16_t>(1u << static_cast<unsigned>(highPri ? Vector::Hi : Vector::Tasklet));
    return false;
  }
  --c.budget;
  const unsigned w = list[0] - 1u;
  listRemoveAt(list, 0);
  machine.state.works[w].bits |= workOnBh;
  startInstance(machine, w, cpu);
  enterFrame(machine, cpu, currentTask(machine.state, cpu).soft, Runs::Work, w);
  return true;
}

const Mechanism bhWorkMechanism = {"BH workqueue", {}, nullptr, nullptr, nullptr, nullptr, nullptr};

} // namespace bhlint::model
