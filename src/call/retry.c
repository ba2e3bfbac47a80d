/* Decides whether a request may be sent again, and when. */
#include "call/call.h"

#include <stdint.h>

#define FIRST_DELAY 0.2 /* seconds; doubles with every retry, minus up to half of it by chance */
#define MAX_DELAY 5.0

static bool is_transient(const oe_transfer *t)
{
    if (t->status)
        return t->status == 429 || t->status == 502 || t->status == 503 || t->status == 504 ||
               (t->status < 300 && t->result == OE_NETWORK);
    return t->result == OE_CONNECT || t->result == OE_NETWORK;
}

static double backoff(int retries)
{
    double delay = FIRST_DELAY;
    while (retries-- > 0 && delay < MAX_DELAY)
        delay *= 2;
    uint32_t chance;
    oe_random_bytes(&chance, sizeof chance);
    return delay * (1 - 0.5 * ((double)chance / (double)UINT32_MAX));
}

double oe_retry_delay(const oe_call *call)
{
    const oe_transfer *t = call->transfer;
    if (!oe_row_reads(call->row)) /* nothing tells whether it had its effect */
        return -1;
    if (call->retries >= call->client->max_retries || t->final || !is_transient(t))
        return -1;
    double delay = backoff(call->retries);
    if (t->retry_after > delay)
        delay = t->retry_after;
    if (oe_clock_now() + delay >= call->deadline) /* better the answer we have than none in time */
        return -1;
    return delay;
}
