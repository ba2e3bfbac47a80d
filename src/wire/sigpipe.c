/* SIGPIPE while libcurl works: CURLOPT_NOSIGNAL leaves it to the host, and OpenSSL writes without MSG_NOSIGNAL. (libcurl
   itself sends with it, so plain connections need none of this.) */
#include "wire/transfer.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

static bool is_pending(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

static void set_of_sigpipe(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGPIPE);
}

void oe_sigpipe_block(oe_sigpipe *s)
{
    sigset_t only;
    set_of_sigpipe(&only);
    s->was_pending = is_pending();
    s->blocked = pthread_sigmask(SIG_BLOCK, &only, &s->before) == 0;
}

void oe_sigpipe_restore(const oe_sigpipe *s)
{
    if (!s->blocked)
        return;
    if (!s->was_pending && is_pending()) {
        const struct timespec now = { 0, 0 };
        sigset_t only;
        set_of_sigpipe(&only);
        while (sigtimedwait(&only, NULL, &now) < 0 && errno == EINTR) {
        }
    }
    pthread_sigmask(SIG_SETMASK, &s->before, NULL);
}
