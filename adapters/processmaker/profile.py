"""What the published page says against what servers do. Source: dossier processmaker.md, section 2.9.

Where the page says nothing or contradicts itself, both profiles do what servers do: rows 6, 7, 8, 10 and 12 to 15 of
that table make no difference.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """
    all_prefix            row 1: the prefix of the members in `/all` on the ad hoc route
    all_lists_groups      row 2: groups stand behind the users in `/all`
    all_start_is_page     row 3: `start` of `/all` is a page number, not a row
    group_in_array        row 4: one ad hoc group is an array of one, its name carries the number of members
    users_first           row 5: users stand before groups, both in the order of assignment; else groups first, by name
    subprocess_is_empty   row 9: nobody is ever shown as assigned to a sub-process
    reassign_by_post      row 11: a case is reassigned by POST too, as in the page's example
    """

    name: str
    all_prefix: str
    all_lists_groups: bool
    all_start_is_page: bool
    group_in_array: bool
    users_first: bool
    subprocess_is_empty: bool
    reassign_by_post: bool


PROFILES = {
    "documented": Profile(
        "documented",
        all_prefix="ada",
        all_lists_groups=True,
        all_start_is_page=False,
        group_in_array=False,
        users_first=True,
        subprocess_is_empty=True,
        reassign_by_post=True,
    ),
    "3.3": Profile(
        "3.3",
        all_prefix="aas",
        all_lists_groups=False,
        all_start_is_page=True,
        group_in_array=True,
        users_first=False,
        subprocess_is_empty=False,
        reassign_by_post=False,
    ),
}
