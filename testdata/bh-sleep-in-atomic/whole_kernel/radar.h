#include <linux/spinlock.h>

enum radar_event { RADAR_IDLE, RADAR_TURN, RADAR_HALT };

struct radar {
	spinlock_t lock;
	enum radar_event event;
	int speed;
};

struct radar_ops {
	void (*turn)(struct radar *r, int times);
	void (*handle)(struct radar *r);
};

void radar_turn_ok(struct radar *r, int times, const char *log);
void radar_sweep_ok(struct radar *r, int times, int settle);
void radar_stop_bad(struct radar *r, int settle);
void radar_post(struct radar *r, enum radar_event event);
void radar_reset(struct radar *r);
