// Handlers that read as much, and for as long, as the device says.
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/kernel.h>

struct kiln {
	void __iomem *regs;
	u32 words[64];
	u32 length;
	int irq, limit;
};

static u32 kiln_status(struct kiln *kiln)
{
	u32 status = readl(kiln->regs);

	return status;
}

/* ends when the device says so, which it doesn't when it is gone */
static irqreturn_t kiln_drain(int irq, void *data)
{
	struct kiln *kiln = data;
	u32 status;

	while ((status = kiln_status(kiln)) & 1) // expect: bh-long-top-half medium
		kiln->words[0] = readl(kiln->regs + 4);
	return IRQ_HANDLED;
}

static irqreturn_t kiln_forever(int irq, void *data)
{
	struct kiln *kiln = data;

	for (;;) {
		u32 status = readl(kiln->regs); // expect: bh-long-top-half medium

		if (!status)
			break;
		writel(status, kiln->regs);
	}
	return IRQ_HANDLED;
}

/* so many at most */
static irqreturn_t kiln_limited_ok(int irq, void *data)
{
	struct kiln *kiln = data;
	int left = kiln->limit;

	while (left-- > 0 && (readl(kiln->regs) & 1))
		kiln->words[0] = readl(kiln->regs + 4);
	return IRQ_HANDLED;
}

static irqreturn_t kiln_once_ok(int irq, void *data)
{
	struct kiln *kiln = data;
	u32 status = readl(kiln->regs);
	int i;

	for (i = 0; i < 8; i++)
		if (status & (1u << i))
			kiln->words[i] = readl(kiln->regs + 4);
	ioread32_rep(kiln->regs, kiln->words, 64);
	return IRQ_HANDLED;
}

static irqreturn_t kiln_copy(int irq, void *data)
{
	struct kiln *kiln = data;

	ioread32_rep(kiln->regs, kiln->words, kiln->length); // expect: bh-long-top-half low
	return IRQ_HANDLED;
}

static irqreturn_t kiln_large(int irq, void *data)
{
	struct kiln *kiln = data;

	memcpy_fromio(kiln->words, kiln->regs, 64 * 1024); // expect: bh-long-top-half
	return IRQ_HANDLED;
}

int kiln_request(struct kiln *kiln)
{
	return request_irq(kiln->irq, kiln_drain, 0, "kiln", kiln) ?: request_irq(kiln->irq, kiln_forever, 0, "kiln", kiln) ?:
	       request_irq(kiln->irq, kiln_limited_ok, 0, "kiln", kiln) ?: request_irq(kiln->irq, kiln_once_ok, 0, "kiln", kiln) ?:
	       request_irq(kiln->irq, kiln_copy, 0, "kiln", kiln) ?: request_irq(kiln->irq, kiln_large, 0, "kiln", kiln);
}
