/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outlier detection; see outlier.h. */
#include "proxy/cluster/outlier.h"

#include <stddef.h>
#include <string.h>

#include "src/base/assert.h"
#include "src/base/clock.h"
#include "src/base/value.h"
#include "src/mesh/mesh.h"

#define MAX_EJECTION_NS (300 * NS_PER_S)

unsigned
outlier_status_of_grpc(unsigned grpc_status)
{
	static const uint16_t statuses[] = {
		200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401,
	};

	return grpc_status < ARRAY_LEN(statuses) ? statuses[grpc_status] : 500;
}

static void
set_error_codes(struct outlier *o, const struct value *codes)
{
	VALUE_EACH(v, codes) {
		int64_t code;

		if (!value_to_int(v, &code) || code < OUTLIER_FIRST_CODE ||
		    code >= OUTLIER_FIRST_CODE + OUTLIER_CODES)
			continue;
		o->has_error_codes = true;
		code -= OUTLIER_FIRST_CODE;
		o->error_codes[code / 64] |= UINT64_C(1) << code % 64;
	}
}

void
outlier_init(struct outlier *o, const struct cluster_policy *p, uint64_t now_ns)
{
	memset(o, 0, sizeof(*o));
	o->is_on = p->outlier.is_on;
	o->splits_local = p->outlier.splits_local;
	o->consecutive_5xx = p->outlier.consecutive_5xx;
	o->consecutive_gateway = p->outlier.consecutive_gateway;
	o->consecutive_local = p->outlier.consecutive_local;
	o->interval_ns = p->outlier.interval_ms * NS_PER_MS;
	o->base_ns = p->outlier.base_ejection_ms * NS_PER_MS;
	o->max_ejection_percent = p->outlier.max_ejection_percent;
	o->min_health_percent = p->outlier.min_health_percent;
	set_error_codes(o, p->outlier.error_codes);
	o->start_ns = now_ns;
	if (o->interval_ns == 0)
		o->interval_ns = 10 * NS_PER_S;
}

void
outlier_add_host(struct outlier *o)
{
	o->hosts++;
	o->generation++;
}

void
outlier_remove_host(struct outlier *o, struct outlier_host *h)
{
	o->hosts--;
	o->generation++;
	if (h->is_ejected)
		o->ejected--;
	h->is_ejected = false;
}

static uint64_t
longest_ns(const struct outlier *o)
{
	return o->base_ns > MAX_EJECTION_NS ? o->base_ns : MAX_EJECTION_NS;
}

static bool
eject(struct outlier *o, struct outlier_host *h, enum outlier_cause cause, uint64_t now_ns)
{
	if (h->is_ejected)
		return false;
	o->by_cause[cause].detected++;
	if (UINT64_C(100) * (o->ejected + 1) > (uint64_t)o->max_ejection_percent * o->hosts) {
		o->overflows++;
		return false;
	}
	h->is_ejected = true;
	h->ejected_ns = now_ns;
	h->ejections++;
	if (h->multiplier * o->base_ns < longest_ns(o) + o->base_ns)
		h->multiplier++;
	o->ejected++;
	o->ejections++;
	o->generation++;
	o->by_cause[cause].enforced++;
	return true;
}

/* Counts one error; with exactly the threshold the endpoint goes. */
static bool
count(struct outlier *o, struct outlier_host *h, uint32_t *errors, uint32_t threshold,
      enum outlier_cause cause, uint64_t now_ns)
{
	if (++*errors != threshold)
		return false;
	*errors = 0;
	return eject(o, h, cause, now_ns);
}

static bool
note_status(struct outlier *o, struct outlier_host *h, unsigned status, uint64_t now_ns)
{
	bool is_gateway = status >= 502 && status <= 504, ejected = false;

	if (status < 500) {
		h->errors_5xx = h->errors_gateway = 0;
		return false;
	}
	if (!is_gateway)
		h->errors_gateway = 0;
	else if (count(o, h, &h->errors_gateway, o->consecutive_gateway, OUTLIER_GATEWAY,
		       now_ns))
		ejected = true;
	if (count(o, h, &h->errors_5xx, o->consecutive_5xx, OUTLIER_5XX, now_ns))
		ejected = true;
	return ejected;
}

/* As if a listed status were a failure, and any other a success; statuses
 * from 500 keep what they are among failures. */
static unsigned
judged_status(const struct outlier *o, unsigned status)
{
	unsigned n = status - OUTLIER_FIRST_CODE;

	if (!o->has_error_codes)
		return status;
	if (n >= OUTLIER_CODES || (o->error_codes[n / 64] >> n % 64 & 1) == 0)
		return 200;
	return status >= 500 ? status : 500;
}

static bool
note_local(struct outlier *o, struct outlier_host *h, bool is_error, uint64_t now_ns)
{
	if (!is_error) {
		h->errors_local = 0;
		return false;
	}
	return count(o, h, &h->errors_local, o->consecutive_local, OUTLIER_LOCAL, now_ns);
}

bool
outlier_note(struct outlier *o, struct outlier_host *h, enum outlier_event event,
	     unsigned status, uint64_t now_ns)
{
	bool is_local_error = event == OUTLIER_CONNECT_FAILED || event == OUTLIER_RESET ||
			      event == OUTLIER_TIMEOUT;

	if (!o->is_on)
		return false;
	if (event == OUTLIER_STATUS) {
		h->errors_local = 0;	/* something was reached */
		return note_status(o, h, judged_status(o, status), now_ns);
	}
	if (o->splits_local)
		return note_local(o, h, is_local_error, now_ns);
	if (!is_local_error)
		return note_status(o, h, 200, now_ns);
	return note_status(o, h, event == OUTLIER_TIMEOUT ? 504 : 503, now_ns);
}

static uint64_t
ejection_ns(const struct outlier *o, const struct outlier_host *h)
{
	uint64_t ns = o->base_ns * h->multiplier;

	return ns < longest_ns(o) ? ns : longest_ns(o);
}

bool
outlier_sweep(struct outlier *o, struct outlier_host *h, uint64_t now_ns)
{
	if (!h->is_ejected) {
		if (h->multiplier > 0)
			h->multiplier--;
		return false;
	}
	if (now_ns - h->ejected_ns < ejection_ns(o, h))
		return false;
	h->is_ejected = false;
	h->errors_5xx = h->errors_gateway = h->errors_local = 0;
	o->ejected--;
	o->generation++;
	return true;
}

bool
outlier_needs_sweep(const struct outlier_host *h)
{
	return h->is_ejected || h->multiplier > 0;
}

uint64_t
outlier_next_sweep_ns(const struct outlier *o, uint64_t now_ns)
{
	return o->start_ns + ((now_ns - o->start_ns) / o->interval_ns + 1) * o->interval_ns;
}

uint64_t
outlier_until_ns(const struct outlier *o, const struct outlier_host *h)
{
	/* A sweep that comes in this very moment counts. */
	return outlier_next_sweep_ns(o, h->ejected_ns + ejection_ns(o, h) - 1);
}

bool
outlier_is_panic(const struct outlier *o)
{
	return o->min_health_percent > 0 &&
	       UINT64_C(100) * (o->hosts - o->ejected) <
		       (uint64_t)o->min_health_percent * o->hosts;
}
