output "group" {
  description = "Name of the schedule group, the dimension of its metrics."
  value       = aws_scheduler_schedule_group.this.name
}
