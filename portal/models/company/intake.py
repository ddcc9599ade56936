"""Departments and customer types that files name."""

from __future__ import annotations

from portal.models.base.intake import Intake
from portal.models.company.customer_types import CustomerType
from portal.models.company.departments import Department


class DepartmentIntake(Intake[Department]):
    """Departments as files name them."""

    model = Department


class CustomerTypeIntake(Intake[CustomerType]):
    """Customer types as files name them."""

    model = CustomerType
