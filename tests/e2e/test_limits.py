"""nginx's first wall; runs with the limits on."""

from .world import Case, acme


class Limits(Case):
    """10 r/s with a burst of 20 for the API, 5 r/s with a burst of 10 for signing in, per address."""

    def refused(self, path: str, count: int) -> list:
        """The refusals among quick requests."""
        page = acme().page()
        return [answer for answer in (page.send("GET", path) for _ in range(count)) if answer.status == 429]

    def test_the_api(self) -> None:
        refused = self.refused("/api/v1/tickets", 60)
        self.assertTrue(5 <= len(refused) <= 40, len(refused))
        self.assert_problem(refused[0], 429, "rate_limited")

    def test_signing_in_is_tighter(self) -> None:
        self.assertTrue(10 <= len(self.refused("/api/v1/auth/me", 60)) <= 50)

    def test_pages_are_not_limited(self) -> None:
        self.assertEqual(self.refused("/", 100), [])
