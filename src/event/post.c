/*
 * event/post.c: calls that are due before the loop waits again.
 */

#include "event/loop.h"


void
gt_post_init(gt_post_t *post, void (*run)(gt_post_t *post))
{
    gt_list_init(&post->link);
    post->run = run;
}


void
gt_post(gt_loop_t *loop, gt_post_t *post)
{
    if (gt_list_empty(&post->link)) {
        gt_list_push(&loop->posted, &post->link);
    }
}


void
gt_post_cancel(gt_post_t *post)
{
    gt_list_del(&post->link);
}


bool
gt_post_pending(const gt_post_t *post)
{
    return !gt_list_empty(&post->link);
}
