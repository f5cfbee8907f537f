// The interrupt controller: a thread that calls handlers while lines are high.
//
// Lines are levels, as virtio-mmio's are: a handler that does not acknowledge
// its device is called again and again, as it would be on a board.

#include <errno.h>
#include <sched.h>

#include "kernel/platform.h"
#include "sim/platform.h"

static struct {
	pthread_mutex_t lock;
	pthread_cond_t raised;
	uint32_t levels;                   // (lock) a bit per line
	uint32_t enabled;                  // (lock)
	struct {
		void (*fn)(void *arg);
		void *arg;
	} handlers[SIM_IRQS];              // (lock) set once
	pthread_t thread;
} irqs = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.raised = PTHREAD_COND_INITIALIZER,
};

int irq_number(int controller_node, unsigned input)
{
	(void)controller_node;
	return (int)input;
}

int irq_request_message(void (*handler)(void *arg), void *arg, const char *name,
			uint64_t *address, uint32_t *data)
{
	(void)handler;
	(void)arg;
	(void)name;
	(void)address;
	(void)data;
	return -ENODEV; // the model's devices have lines
}

int mmio_open(struct mmio *out, uint64_t address, size_t bytes)
{
	(void)out;
	(void)address;
	(void)bytes;
	return -ENODEV; // the bus is a list of devices
}

int irq_request(unsigned irq, void (*handler)(void *arg), void *arg, const char *name)
{
	int ret = 0;

	(void)name;
	if (irq == 0 || irq >= SIM_IRQS)
		return -EINVAL;
	pthread_mutex_lock(&irqs.lock);
	if (irqs.handlers[irq].fn) {
		ret = -EBUSY;
	} else {
		irqs.handlers[irq].fn = handler;
		irqs.handlers[irq].arg = arg;
		irqs.enabled |= 1u << irq;
		pthread_cond_signal(&irqs.raised);
	}
	pthread_mutex_unlock(&irqs.lock);
	return ret;
}

void sim_irq_line(void *unused, unsigned irq, bool level)
{
	(void)unused;
	pthread_mutex_lock(&irqs.lock);
	if (level)
		irqs.levels |= 1u << irq;
	else
		irqs.levels &= ~(1u << irq);
	if (level)
		pthread_cond_signal(&irqs.raised);
	pthread_mutex_unlock(&irqs.lock);
}

static void *irq_thread(void *arg)
{
	sim_thread_set_irq(true);
	pthread_mutex_lock(&irqs.lock);
	for (;;) {
		uint32_t pending;

		while (!(pending = irqs.levels & irqs.enabled))
			pthread_cond_wait(&irqs.raised, &irqs.lock);
		for (unsigned irq = 0; irq < SIM_IRQS; irq++) {
			if (!(pending >> irq & 1))
				continue;
			pthread_mutex_unlock(&irqs.lock);
			irqs.handlers[irq].fn(irqs.handlers[irq].arg);
			pthread_mutex_lock(&irqs.lock);
		}
		if (irqs.levels & irqs.enabled) { // an unfair lock would keep others out
			pthread_mutex_unlock(&irqs.lock);
			sched_yield();
			pthread_mutex_lock(&irqs.lock);
		}
	}
	return arg;
}

int sim_irq_start(void)
{
	int ret = pthread_create(&irqs.thread, NULL, irq_thread, NULL);

	if (!ret)
		pthread_setname_np(irqs.thread, "sim-irq");
	return -ret;
}
