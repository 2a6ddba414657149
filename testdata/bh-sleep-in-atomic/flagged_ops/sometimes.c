// Some objects have the flag; that the sleep is for these only is likely, and not certain.
#include <linux/blk-mq.h>
#include <linux/delay.h>

static int sometimes_queue(struct blk_mq_hw_ctx *hctx, const struct blk_mq_queue_data *data)
{
	msleep(1); // expect: bh-sleep-in-atomic medium
	return 0;
}

static const struct blk_mq_ops sometimes_ops = {.queue_rq = sometimes_queue};

void sometimes_setup(struct blk_mq_tag_set *set, int blocks)
{
	set->ops = &sometimes_ops;
	set->flags = BLK_MQ_F_SHOULD_MERGE;
	if (blocks)
		set->flags |= BLK_MQ_F_BLOCKING;
}
