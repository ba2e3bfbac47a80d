#include "inject.h"

#include <execinfo.h>
#include <unistd.h>

static struct {
    long n, count;
    enum inject_mode mode;
    bool armed, fired, loud;
} now;

bool inject_choose(const char *kind)
{
    return inject_memory_choose(kind) || inject_system_choose(kind);
}

void inject_arm(long n, enum inject_mode mode)
{
    now.n = n;
    now.mode = mode;
    now.count = 0;
    now.fired = false;
    now.armed = true;
}

void inject_disarm(void)
{
    now.armed = false;
}

bool inject_fired(void)
{
    return now.fired;
}

bool inject_pause(void)
{
    bool armed = now.armed;
    now.armed = false;
    return armed;
}

void inject_resume(bool armed)
{
    now.armed = armed;
}

void inject_be_loud(void)
{
    now.loud = true;
}

bool inject_is_due(void)
{
    if (!now.armed)
        return false;
    long past = ++now.count - now.n;
    if (past < 0 || (past > 0 && now.mode == INJECT_ONCE) || (past > 1 && now.mode == INJECT_TWICE))
        return false;
    if (now.loud && !now.fired) {
        void *stack[32];
        now.armed = false;
        static const char title[] = "the call that fails:\n";
        (void)!write(2, title, sizeof title - 1);
        backtrace_symbols_fd(stack, backtrace(stack, 32), 2);
        now.armed = true;
    }
    now.fired = true;
    return true;
}
