"""The Python twin of test.h: each test is a function whose name is a claim.

    from claims import claim, finish

    @claim
    def fluid_bin_boots():
        assert ...

    finish()      # runs them, prints "ok name" / "FAIL name", exits

A command-line argument runs only the claims whose name contains it.
"""
import sys
import traceback

_claims = []


def claim(function):
    _claims.append(function)
    return function


def finish():
    wanted = [c for c in _claims if len(sys.argv) < 2 or sys.argv[1] in c.__name__]
    failed = 0
    for function in wanted:
        try:
            function()
            print("ok  ", function.__name__, flush=True)
        except Exception:
            failed += 1
            print("FAIL", function.__name__)
            traceback.print_exc(file=sys.stdout)
    print(f"{len(wanted) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
