// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include <linux/mutex.h>

struct ieee80211_hw;
struct ieee80211_sta;
struct ieee80211_ops {
	int (*set_bitrate_mask)(struct ieee80211_hw *hw);
	int (*config)(struct ieee80211_hw *hw);
	void (*tx)(struct ieee80211_hw *hw);
};

void ieee80211_iterate_stations_atomic(struct ieee80211_hw *hw, void (*iterator)(void *data, struct ieee80211_sta *sta),
				       void *data);
void ieee80211_iterate_stations_mtx(struct ieee80211_hw *hw, void (*iterator)(void *data, struct ieee80211_sta *sta), void *data);

static DEFINE_MUTEX(flock_mutex);

static void flock_masked(void *data, struct ieee80211_sta *sta)
{
	mutex_lock(&flock_mutex);
	mutex_unlock(&flock_mutex);
}

static void flock_sent(void *data, struct ieee80211_sta *sta)
{
	mutex_lock(&flock_mutex);
	mutex_unlock(&flock_mutex);
}

static void flock_configured(void *data, struct ieee80211_sta *sta)
{
	mutex_lock(&flock_mutex);
	mutex_unlock(&flock_mutex);
}

static int flock_set_bitrate_mask(struct ieee80211_hw *hw)
{
	ieee80211_iterate_stations_mtx(hw, flock_masked, hw);
	return 0;
}

/* It is called without the mutex. */
static void flock_tx(struct ieee80211_hw *hw)
{
	ieee80211_iterate_stations_atomic(hw, flock_sent, hw);
}

/* Its other caller is anybody. */
static int flock_config(struct ieee80211_hw *hw)
{
	ieee80211_iterate_stations_atomic(hw, flock_configured, hw);
	return 0;
}

int flock_again(struct ieee80211_hw *hw)
{
	return flock_config(hw);
}

const struct ieee80211_ops flock_ops = {
	.set_bitrate_mask = flock_set_bitrate_mask,
	.config = flock_config,
	.tx = flock_tx,
};
