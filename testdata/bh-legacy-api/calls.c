// Off by default: what should be replaced some day.
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/workqueue.h>

struct radio {
	struct tasklet_struct rx;
	struct workqueue_struct *wq;
	struct work_struct work;
};

static void radio_rx(unsigned long data)
{
}

static void radio_rx_new(struct tasklet_struct *t)
{
}

void radio_setup_bad(struct radio *radio)
{
	tasklet_init(&radio->rx, radio_rx, (unsigned long)radio); // expect: bh-legacy-api
	radio->wq = create_workqueue("radio"); // expect: bh-legacy-api
	radio->wq = create_singlethread_workqueue("radio"); // expect: bh-legacy-api
	flush_scheduled_work(); // expect: bh-legacy-api
}

void radio_setup_ok(struct radio *radio)
{
	tasklet_setup(&radio->rx, radio_rx_new);
	radio->wq = alloc_workqueue("%s", WQ_MEM_RECLAIM, 1, "radio");
	radio->wq = alloc_ordered_workqueue("%s", WQ_MEM_RECLAIM, "radio");
	flush_work(&radio->work);
}
