"""A made-up Đồng Nai: people, companies and streets that do not exist, in communes that do."""
