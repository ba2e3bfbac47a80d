/* usage: parallel_floor URL CALLS warm|cold [CA-FILE]
   The floor: libcurl's multi interface alone, over HTTP/1.1, or with a CA file over h2. Talks as rounds.lua does. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_CALLS 256

static CURLM *multi;
static CURL *handles[MAX_CALLS];
static size_t received;

static size_t on_body(char *bytes, size_t size, size_t n, void *context)
{
    (void)bytes;
    (void)context;
    received += size * n;
    return size * n;
}

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void begin(const char *url, int calls, const char *ca, struct curl_slist *headers)
{
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)MAX_CALLS);
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, ca ? CURLPIPE_MULTIPLEX : CURLPIPE_NOTHING);
    for (int i = 0; i < calls; i++) {
        char target[512];
        snprintf(target, sizeof target, "%s/api/content/payments/sessions/order/%d", url, i + 1);
        CURL *easy = handles[i] = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_URL, target);
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)(ca ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
        curl_easy_setopt(easy, CURLOPT_PIPEWAIT, ca ? 1L : 0L);
        if (ca) {
            curl_easy_setopt(easy, CURLOPT_CAINFO, ca);
            curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
        }
    }
}

static void end(int calls)
{
    for (int i = 0; i < calls; i++)
        curl_easy_cleanup(handles[i]);
    curl_multi_cleanup(multi);
}

static void batch(int calls)
{
    int running = calls, left, done = 0;
    CURLMsg *message;
    for (int i = 0; i < calls; i++)
        curl_multi_add_handle(multi, handles[i]);
    while (running) {
        curl_multi_perform(multi, &running);
        curl_multi_perform(multi, &running); /* libcurl 7.88 leaves h2 streams waiting otherwise */
        while ((message = curl_multi_info_read(multi, &left))) {
            long status = 0;
            curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
            done += message->data.result == CURLE_OK && status == 200;
        }
        if (running)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    for (int i = 0; i < calls; i++)
        curl_multi_remove_handle(multi, handles[i]);
    if (done != calls) {
        fprintf(stderr, "%d of %d calls\n", done, calls);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    char line[64];
    const char *url = argv[1], *ca = argc > 4 ? argv[4] : NULL;
    int calls = atoi(argv[2]), warm = !strcmp(argv[3], "warm");
    if (calls < 1 || calls > MAX_CALLS)
        return 2;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct curl_slist *headers = curl_slist_append(NULL, "x-app-token: app");
    headers = curl_slist_append(headers, "authorization: Bearer token");
    if (warm)
        begin(url, calls, ca, headers);
    while (fgets(line, sizeof line, stdin)) {
        if (warm)
            batch(calls);
        double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
        if (!warm)
            begin(url, calls, ca, headers);
        batch(calls);
        if (!warm)
            end(calls);
        printf("%.3f %.3f\n", now(CLOCK_MONOTONIC) - wall, now(CLOCK_PROCESS_CPUTIME_ID) - cpu);
        fflush(stdout);
    }
    return 0;
}
