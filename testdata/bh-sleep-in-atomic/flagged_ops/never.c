// Requests are queued in atomic context, unless the tag set says that it may block.
#include <linux/blk-mq.h>
#include <linux/delay.h>

static int never_queue_bad(struct blk_mq_hw_ctx *hctx, const struct blk_mq_queue_data *data)
{
	msleep(1); // expect: bh-sleep-in-atomic
	return 0;
}

static const struct blk_mq_ops never_ops = {.queue_rq = never_queue_bad};

void never_setup(struct blk_mq_tag_set *set)
{
	set->ops = &never_ops;
	set->flags = BLK_MQ_F_SHOULD_MERGE;
}
