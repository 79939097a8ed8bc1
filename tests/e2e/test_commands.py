"""Commands at a terminal: whoever is asked answers, and what programs read of it stays clean."""

import json
import os
import pty
import subprocess

from client.past import sql

from .world import Case, World, settings, stack


class Commands(Case):
    """One organisation, which is nearly deleted."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.world = World("asked")

    def typed(self, answer: str, *words: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of a command whose stdin is a terminal."""
        program = [os.readlink(f"/proc/{stack().pid('control-api')}/exe"), *words]
        hand, terminal = pty.openpty()
        try:
            with subprocess.Popen(program, stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  env=settings("control-api")) as running:
                os.write(hand, f"{answer}\n".encode())
                out, err = running.communicate(timeout=30)
                return running.returncode, out, err
        finally:
            os.close(hand)
            os.close(terminal)

    def status(self) -> str:
        """Where the organisation stands in its life."""
        return sql(stack()["CONTROL_DATABASE_URL"], f"select status from tenants where slug = '{self.world.slug}'")

    def test_a_question_stands_beside_what_programs_read_and_only_the_word_itself_is_a_yes(self) -> None:
        slug = self.world.slug
        for answer in ("", "y", "yes", slug.upper(), f"{slug} please"):
            code, out, err = self.typed(answer, "tenants", "delete", slug, "--json")
            self.assertEqual((code, out), (1, ""), answer)
            self.assertIn(f"Type {slug} to do it: ", err)
            self.assertIn("nothing was done", err)
            self.assertEqual(self.status(), "active", answer)
        code, out, err = self.typed(slug, "tenants", "delete", slug, "--json")
        self.assertEqual((code, json.loads(out)["status"], self.status()), (0, "deleting", "deleting"), err)
        code, out, err = self.typed("", "tenants", "resume", slug, "--json")
        self.assertEqual((code, json.loads(out)["status"], err), (0, "active", ""))
