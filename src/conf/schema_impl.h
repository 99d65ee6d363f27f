/*
 * conf/schema_impl.h: the tables of conf/schema*.c for each other.
 */

#ifndef GT_CONF_SCHEMA_IMPL_H
#define GT_CONF_SCHEMA_IMPL_H

#include "conf/schema.h"

#define LATER  GT_KEY_LATER
#define REFUSE (GT_KEY_REFUSE | GT_KEY_GUARD)
#define GUARD  GT_KEY_GUARD
#define ALWAYS GT_KEY_ALWAYS
#define SECRET GT_KEY_SECRET
#define YAML   GT_KEY_YAML
#define UPPER  GT_KEY_UPPER
#define LOWER  GT_KEY_LOWER
#define WORD   GT_KEY_WORD
#define FORCE  GT_KEY_FORCE

/* schema.c: the top level and its single sections */
extern const gt_key_t gt_schema_tls_options[], gt_schema_tls[];
extern const gt_key_t gt_schema_auth[], gt_schema_rotation[], gt_schema_log[];

/* schema_service.c */
extern const gt_key_t gt_schema_service[];

/* schema_chain.c */
extern const gt_key_t gt_schema_selector[], gt_schema_sockopts[];
extern const gt_key_t gt_schema_matcher[], gt_schema_filter[];
extern const gt_key_t gt_schema_probe[], gt_schema_http_node[];
extern const gt_key_t gt_schema_tls_node[], gt_schema_hop[];
extern const gt_key_t gt_schema_chain[];

/* schema_lists.c */
extern const gt_key_t gt_schema_file[], gt_schema_redis[], gt_schema_loader[];
extern const gt_key_t gt_schema_plugin[], gt_schema_plugged[];
extern const gt_key_t gt_schema_auther[], gt_schema_matchers[];
extern const gt_key_t gt_schema_limiter[], gt_schema_resolver[];
extern const gt_key_t gt_schema_hosts[], gt_schema_ingress[];
extern const gt_key_t gt_schema_router[], gt_schema_recorder[];
extern const gt_key_t gt_schema_cache[], gt_schema_quota[];
extern const gt_key_t gt_schema_logger[];

#endif
