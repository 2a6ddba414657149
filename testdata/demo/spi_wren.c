/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/*
 * Wren: a sensor on a SPI bus. Talking to it sleeps, so its interrupt is handled in a thread. The primary handler does
 * nothing but note the time. There is nothing to report here.
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spi/spi.h>
#include <linux/spinlock.h>

struct wren {
	struct spi_device *spi;
	struct mutex bus;
	spinlock_t stamp_lock;
	unsigned long stamp;
	u8 value[2];
};

static int wren_read(struct wren *wren, u8 reg, void *buf, unsigned int length)
{
	int ret;

	mutex_lock(&wren->bus);
	ret = spi_write_then_read(wren->spi, &reg, 1, buf, length);
	mutex_unlock(&wren->bus);
	return ret;
}

static irqreturn_t wren_primary(int irq, void *data)
{
	struct wren *wren = data;

	spin_lock(&wren->stamp_lock);
	wren->stamp = jiffies;
	spin_unlock(&wren->stamp_lock);
	return IRQ_WAKE_THREAD;
}

static irqreturn_t wren_thread(int irq, void *data)
{
	struct wren *wren = data;
	unsigned long stamp;

	spin_lock_irq(&wren->stamp_lock);
	stamp = wren->stamp;
	spin_unlock_irq(&wren->stamp_lock);
	if (wren_read(wren, 0x10, wren->value, sizeof(wren->value)))
		return IRQ_NONE;
	dev_info(&wren->spi->dev, "sample at %lu\n", stamp);
	return IRQ_HANDLED;
}

static int wren_reset(struct wren *wren)
{
	u8 id;
	int ret;

	usleep_range(1000, 2000);
	ret = wren_read(wren, 0x00, &id, 1);
	if (ret)
		return ret;
	return id == 0x57 ? 0 : -ENODEV;
}

static int wren_probe(struct spi_device *spi)
{
	struct wren *wren = devm_kzalloc(&spi->dev, sizeof(*wren), GFP_KERNEL);
	int ret;

	if (!wren)
		return -ENOMEM;
	wren->spi = spi;
	mutex_init(&wren->bus);
	spin_lock_init(&wren->stamp_lock);
	ret = wren_reset(wren);
	if (ret)
		return ret;
	spi_set_drvdata(spi, wren);
	return devm_request_threaded_irq(&spi->dev, spi->irq, wren_primary, wren_thread, IRQF_ONESHOT, "wren", wren);
}

static struct spi_driver wren_driver = {
	.probe = wren_probe,
	.driver = { .name = "wren" },
};
module_spi_driver(wren_driver);

MODULE_DESCRIPTION("Wren SPI sensor");
MODULE_LICENSE("Apache-2.0 WITH LLVM-exception");
