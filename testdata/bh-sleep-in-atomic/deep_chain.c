// A chain of 60 calls between the lock and the sleep, and one of 60 in which the lock is dropped at the bottom.
#include <linux/delay.h>
#include <linux/spinlock.h>

struct deep {
	spinlock_t lock;
	int level;
};

static void deep_level_0(struct deep *d)
{
	msleep(1); // expect: bh-sleep-in-atomic
}

static void deep_drop_0(struct deep *d)
{
	spin_unlock(&d->lock);
	msleep(1);
	spin_lock(&d->lock);
}

#define LEVEL(name, below)			\
static void name(struct deep *d)		\
{						\
	d->level++;				\
	below(d);				\
}

LEVEL(deep_level_1, deep_level_0)
LEVEL(deep_level_2, deep_level_1)
LEVEL(deep_level_3, deep_level_2)
LEVEL(deep_level_4, deep_level_3)
LEVEL(deep_level_5, deep_level_4)
LEVEL(deep_level_6, deep_level_5)
LEVEL(deep_level_7, deep_level_6)
LEVEL(deep_level_8, deep_level_7)
LEVEL(deep_level_9, deep_level_8)
LEVEL(deep_level_10, deep_level_9)
LEVEL(deep_level_11, deep_level_10)
LEVEL(deep_level_12, deep_level_11)
LEVEL(deep_level_13, deep_level_12)
LEVEL(deep_level_14, deep_level_13)
LEVEL(deep_level_15, deep_level_14)
LEVEL(deep_level_16, deep_level_15)
LEVEL(deep_level_17, deep_level_16)
LEVEL(deep_level_18, deep_level_17)
LEVEL(deep_level_19, deep_level_18)
LEVEL(deep_level_20, deep_level_19)
LEVEL(deep_level_21, deep_level_20)
LEVEL(deep_level_22, deep_level_21)
LEVEL(deep_level_23, deep_level_22)
LEVEL(deep_level_24, deep_level_23)
LEVEL(deep_level_25, deep_level_24)
LEVEL(deep_level_26, deep_level_25)
LEVEL(deep_level_27, deep_level_26)
LEVEL(deep_level_28, deep_level_27)
LEVEL(deep_level_29, deep_level_28)
LEVEL(deep_level_30, deep_level_29)
LEVEL(deep_level_31, deep_level_30)
LEVEL(deep_level_32, deep_level_31)
LEVEL(deep_level_33, deep_level_32)
LEVEL(deep_level_34, deep_level_33)
LEVEL(deep_level_35, deep_level_34)
LEVEL(deep_level_36, deep_level_35)
LEVEL(deep_level_37, deep_level_36)
LEVEL(deep_level_38, deep_level_37)
LEVEL(deep_level_39, deep_level_38)
LEVEL(deep_level_40, deep_level_39)
LEVEL(deep_level_41, deep_level_40)
LEVEL(deep_level_42, deep_level_41)
LEVEL(deep_level_43, deep_level_42)
LEVEL(deep_level_44, deep_level_43)
LEVEL(deep_level_45, deep_level_44)
LEVEL(deep_level_46, deep_level_45)
LEVEL(deep_level_47, deep_level_46)
LEVEL(deep_level_48, deep_level_47)
LEVEL(deep_level_49, deep_level_48)
LEVEL(deep_level_50, deep_level_49)
LEVEL(deep_level_51, deep_level_50)
LEVEL(deep_level_52, deep_level_51)
LEVEL(deep_level_53, deep_level_52)
LEVEL(deep_level_54, deep_level_53)
LEVEL(deep_level_55, deep_level_54)
LEVEL(deep_level_56, deep_level_55)
LEVEL(deep_level_57, deep_level_56)
LEVEL(deep_level_58, deep_level_57)
LEVEL(deep_level_59, deep_level_58)
LEVEL(deep_drop_1, deep_drop_0)
LEVEL(deep_drop_2, deep_drop_1)
LEVEL(deep_drop_3, deep_drop_2)
LEVEL(deep_drop_4, deep_drop_3)
LEVEL(deep_drop_5, deep_drop_4)
LEVEL(deep_drop_6, deep_drop_5)
LEVEL(deep_drop_7, deep_drop_6)
LEVEL(deep_drop_8, deep_drop_7)
LEVEL(deep_drop_9, deep_drop_8)
LEVEL(deep_drop_10, deep_drop_9)
LEVEL(deep_drop_11, deep_drop_10)
LEVEL(deep_drop_12, deep_drop_11)
LEVEL(deep_drop_13, deep_drop_12)
LEVEL(deep_drop_14, deep_drop_13)
LEVEL(deep_drop_15, deep_drop_14)
LEVEL(deep_drop_16, deep_drop_15)
LEVEL(deep_drop_17, deep_drop_16)
LEVEL(deep_drop_18, deep_drop_17)
LEVEL(deep_drop_19, deep_drop_18)
LEVEL(deep_drop_20, deep_drop_19)
LEVEL(deep_drop_21, deep_drop_20)
LEVEL(deep_drop_22, deep_drop_21)
LEVEL(deep_drop_23, deep_drop_22)
LEVEL(deep_drop_24, deep_drop_23)
LEVEL(deep_drop_25, deep_drop_24)
LEVEL(deep_drop_26, deep_drop_25)
LEVEL(deep_drop_27, deep_drop_26)
LEVEL(deep_drop_28, deep_drop_27)
LEVEL(deep_drop_29, deep_drop_28)
LEVEL(deep_drop_30, deep_drop_29)
LEVEL(deep_drop_31, deep_drop_30)
LEVEL(deep_drop_32, deep_drop_31)
LEVEL(deep_drop_33, deep_drop_32)
LEVEL(deep_drop_34, deep_drop_33)
LEVEL(deep_drop_35, deep_drop_34)
LEVEL(deep_drop_36, deep_drop_35)
LEVEL(deep_drop_37, deep_drop_36)
LEVEL(deep_drop_38, deep_drop_37)
LEVEL(deep_drop_39, deep_drop_38)
LEVEL(deep_drop_40, deep_drop_39)
LEVEL(deep_drop_41, deep_drop_40)
LEVEL(deep_drop_42, deep_drop_41)
LEVEL(deep_drop_43, deep_drop_42)
LEVEL(deep_drop_44, deep_drop_43)
LEVEL(deep_drop_45, deep_drop_44)
LEVEL(deep_drop_46, deep_drop_45)
LEVEL(deep_drop_47, deep_drop_46)
LEVEL(deep_drop_48, deep_drop_47)
LEVEL(deep_drop_49, deep_drop_48)
LEVEL(deep_drop_50, deep_drop_49)
LEVEL(deep_drop_51, deep_drop_50)
LEVEL(deep_drop_52, deep_drop_51)
LEVEL(deep_drop_53, deep_drop_52)
LEVEL(deep_drop_54, deep_drop_53)
LEVEL(deep_drop_55, deep_drop_54)
LEVEL(deep_drop_56, deep_drop_55)
LEVEL(deep_drop_57, deep_drop_56)
LEVEL(deep_drop_58, deep_drop_57)
LEVEL(deep_drop_59, deep_drop_58)

void deep_chain_bad(struct deep *d)
{
	spin_lock(&d->lock);
	deep_level_59(d);
	spin_unlock(&d->lock);
}

void deep_chain_ok(struct deep *d)
{
	spin_lock(&d->lock);
	deep_drop_59(d);
	spin_unlock(&d->lock);
}
