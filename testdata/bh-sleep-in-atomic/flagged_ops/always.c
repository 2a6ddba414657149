#include <linux/blk-mq.h>
#include <linux/delay.h>

static int always_queue_ok(struct blk_mq_hw_ctx *hctx, const struct blk_mq_queue_data *data)
{
	msleep(1);
	return 0;
}

static const struct blk_mq_ops always_ops = {.queue_rq = always_queue_ok};

void always_setup(struct blk_mq_tag_set *set)
{
	set->ops = &always_ops;
	set->flags = BLK_MQ_F_SHOULD_MERGE | BLK_MQ_F_BLOCKING;
}
