"""Who may use the local AWS: programs of this machine that hold its keys, and no page of a browser.

| module | decides |
|---|---|
| `keys` | which access keys there are, and their secrets |
| `senders` | whether a request may come from where its headers say that it comes from |
| `signatures` | what a request is signed with, and whether the signature holds |
| `gate` | all of it, before a request reaches anything else |
| `refusals` | what the refused are told |

Why so: docs/adr/0004-requests-are-signed-and-come-from-no-page.md.
"""
