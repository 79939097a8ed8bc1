# shellcheck shell=bash
# The mail catcher: takes every mail by SMTP, shows it by IMAP (any address, one password) and in a web inbox.

# Whether the web inbox answers; it opens last.
mail_ready() { port_taken "$PORT_SMTP" && port_taken "$PORT_IMAP" && port_taken "$PORT_MAIL_WEB"; }

# Starts the mail catcher unless it runs. The password goes by environment, not on the command line.
start_mail() {
  if ! running mail; then
    (
      export MAIL_PASSWORD MAIL_HOST=127.0.0.1
      spawn mail "$(id -un)" "$VENV/bin/mail_devel" --host 127.0.0.1 --multi-user \
        --smtp-port "$PORT_SMTP" --imap-port "$PORT_IMAP" --http-port "$PORT_MAIL_WEB"
    )
  fi
  wait_for_service mail 30 mail_ready
}
