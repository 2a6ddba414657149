#ifndef _LINUX_BLK_MQ_H
#define _LINUX_BLK_MQ_H

enum {
	BLK_MQ_F_SHOULD_MERGE = 1 << 0,
	BLK_MQ_F_BLOCKING = 1 << 5,
};

struct blk_mq_hw_ctx;
struct blk_mq_queue_data;

struct blk_mq_ops {
	int (*queue_rq)(struct blk_mq_hw_ctx *hctx, const struct blk_mq_queue_data *data);
};

struct blk_mq_tag_set {
	const struct blk_mq_ops *ops;
	unsigned int flags;
};

#endif
