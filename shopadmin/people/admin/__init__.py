from shopadmin.people.admin.groups import RoleAdmin
from shopadmin.people.admin.log import ChangeLogAdmin
from shopadmin.people.admin.sign_ins import FailedSignInAdmin, SignInAdmin
from shopadmin.people.admin.users import PersonAdmin

__all__ = ["ChangeLogAdmin", "FailedSignInAdmin", "PersonAdmin", "RoleAdmin", "SignInAdmin"]
