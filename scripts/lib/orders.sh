# shellcheck shell=bash
# The orders service of a local stack: stands in for the shop's. What it answers follows from the orders' ids, see
# orders-service/src/book.rs.

# Whether it reads its queue.
orders_service_ready() { grep -q '^answers questions' "$LOG_DIR/orders-service.log"; }

# Starts it, or restarts it when its binary or its broker changed.
start_orders_service() {
  local bin=$BIN_DIR/orders-service wanted
  wanted=$({ amqp_url; sha256sum "$bin"; } | sha256sum)
  if running orders-service && [[ $(cat "$RUN_DIR/orders-service.started" 2>/dev/null) != "$wanted" ]]; then halt orders-service TERM 5; fi
  if ! running orders-service; then
    : >"$LOG_DIR/orders-service.log"
    (
      AMQP_URL=$(amqp_url)
      export AMQP_URL
      spawn orders-service "$(id -un)" "$bin"
    )
    echo "$wanted" >"$RUN_DIR/orders-service.started"
  fi
  wait_for_service orders-service 30 orders_service_ready
}
