// The mechanisms, one per file in this folder. A new one is declared here and added to the table in ../mechanisms.cpp.
#pragma once

#include "runtime-model/mechanism.h"

namespace bhlint::model {

extern const Mechanism checksMechanism;      ///< might_sleep(), WARN_ON(), contracts that nothing checks
extern const Mechanism sectionsMechanism;    ///< preemption, interrupt flags, bottom halves, RCU sections
extern const Mechanism locksMechanism;       ///< raw, spin, local locks, mutexes, semaphores
extern const Mechanism tasksMechanism;       ///< the scheduler: who runs where
extern const Mechanism waitingMechanism;     ///< sleeping, completions, wait queues
extern const Mechanism hardIrqMechanism;     ///< interrupt lines, primary handlers
extern const Mechanism threadedIrqMechanism; ///< interrupt threads, ONESHOT, forced threading
extern const Mechanism softirqMechanism;     ///< vectors, restarts, ksoftirqd
extern const Mechanism taskletMechanism;
extern const Mechanism timerMechanism;       ///< timer_list, hrtimer, irq_work
extern const Mechanism workqueueMechanism;
extern const Mechanism bhWorkMechanism;      ///< WQ_BH
extern const Mechanism rcuMechanism;
extern const Mechanism oldBhMechanism;       ///< bottom halves of before 2.5
extern const Mechanism bookkeepingMechanism; ///< a scenario's own variables

} // namespace bhlint::model
